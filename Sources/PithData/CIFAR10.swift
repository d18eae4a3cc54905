public import Foundation

/// CIFAR-10 (Krizhevsky 2009) in its binary version: five training files and a test file of
/// 10,000 records; samples are (3, 32, 32), RGB.
public enum CIFAR10: DataFormat {
  public static let name = "cifar10"
  public static let summary = "folder with data_batch_1.bin ... data_batch_5.bin, test_batch.bin"

  public static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset {
    let folder = cifarFolder(url, "cifar-10-batches-bin", holding: "test_batch.bin")
    let records = CIFARRecords(labelBytes: 1, classCount: 10)
    let advice = advice(folder)
    let training = (1...5).map { folder.appendingPathComponent("data_batch_\($0).bin") }
    let train = try records.read(training, advice: advice)
    let test = try records.read([folder.appendingPathComponent("test_batch.bin")], advice: advice)
    let names = records.names(folder.appendingPathComponent("batches.meta.txt"))
    return Dataset(name: name, classNames: names ?? classNames, train: train, test: test)
  }

  private static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  private static func advice(_ folder: URL) -> String {
    if exists(folder.appendingPathComponent("cifar10_train_jpeg.tar.xz")) {
      return "this folder holds the JPEG edition: run its make_bins.py OUTPUT-FOLDER and give "
        + "cifar10:OUTPUT-FOLDER"
    }
    return "unpack the binary version of CIFAR-10 (cifar-10-binary.tar.gz) there"
  }
}
