public import Foundation
import PithTensors

/// MNIST (LeCun, Bottou, Bengio, Haffner 1998) and sets in its form, such as Fashion-MNIST: four
/// IDX files, plain or `.gz`, in one folder; samples are (1, 28, 28).
public enum MNIST: DataFormat {
  public static let name = "mnist"
  public static let summary = "folder with the four IDX files of MNIST or Fashion-MNIST, or .gz"

  public static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset {
    let train = try split("train", in: url)
    let test = try split("t10k", in: url)
    guard train.sampleShape == test.sampleShape else {
      throw .sizesDiffer(
        file: "the training images of \(url.path)", size: "\(train.sampleShape)",
        other: "its test images", otherSize: "\(test.sampleShape)")
    }
    let names = url.path.lowercased().contains("fashion") ? fashionNames : digitNames
    return Dataset(name: name, classNames: names, train: train, test: test)
  }

  private static let digitNames = (0..<10).map(String.init)
  private static let fashionNames = [
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
  ]

  private static func split(_ part: String, in folder: URL) throws(DataError) -> Split {
    let images = try IDXFile(try find("\(part)-images", "idx3", in: folder), rank: 3)
    let labels = try IDXFile(try find("\(part)-labels", "idx1", in: folder), rank: 1)
    let count = images.dimensions[0]
    guard labels.dimensions[0] == count else {
      throw .countMismatch(
        file: images.path, count: count, other: labels.path, otherCount: labels.dimensions[0])
    }
    let classes = labels.values.array(of: UInt8.self)
    if let bad = classes.firstIndex(where: { $0 >= 10 }) {
      throw .labelOutOfRange(
        file: labels.path, offset: labels.headerBytes + bad, label: Int(classes[bad]),
        classCount: 10)
    }
    let shape = Shape([count, 1, images.dimensions[1], images.dimensions[2]])
    return try Split(images.values.reshaped(to: shape), labels: classes.map(Int32.init))
  }

  private static func find(_ stem: String, _ kind: String, in folder: URL) throws(DataError) -> URL
  {
    let names = ["\(stem)-\(kind)-ubyte", "\(stem).\(kind)-ubyte"]
    for name in names.flatMap({ [$0, $0 + ".gz"] }) {
      let url = folder.appendingPathComponent(name)
      if exists(url) { return url }
    }
    throw .missing(
      file: folder.appendingPathComponent(names[0]).path,
      advice: "the folder must hold it, plain or .gz, as the set's home page gives it")
  }
}
