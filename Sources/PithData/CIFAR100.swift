public import Foundation

/// CIFAR-100 (Krizhevsky 2009) in its binary version, with the 100 fine labels; samples are
/// (3, 32, 32), RGB.
public enum CIFAR100: DataFormat {
  public static let name = "cifar100"
  public static let summary = "folder with train.bin, test.bin"

  public static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset {
    let folder = cifarFolder(url, "cifar-100-binary", holding: "test.bin")
    let records = CIFARRecords(labelBytes: 2, classCount: 100)
    let advice = "unpack the binary version of CIFAR-100 (cifar-100-binary.tar.gz) there"
    let train = try records.read([folder.appendingPathComponent("train.bin")], advice: advice)
    let test = try records.read([folder.appendingPathComponent("test.bin")], advice: advice)
    let names = records.names(folder.appendingPathComponent("fine_label_names.txt"))
    return Dataset(
      name: name, classNames: names ?? (0..<100).map(String.init), train: train, test: test)
  }
}
