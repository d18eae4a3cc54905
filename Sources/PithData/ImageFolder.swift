public import Foundation
import PithTensors

/// Folders of JPEG and PNG images.
///
/// - A folder per class, in alphabetical order; or `train`, `validation` (or `val`) and `test`
///   below, each with a folder per class of its own.
/// - Without class folders, the file names carry the label: `LABEL_anything.jpg`, or
///   `NUMBER_LABEL.jpg` where all names are two numbers. `classes.txt` (beside the images or one
///   folder up) then names the classes, a line each: the name, or number, key and name divided by
///   tabs.
///
/// Images of different sizes need a `size` in the preprocessing. Each is decoded once on opening:
/// those that cannot be are left out where `skippableImages` allows.
public enum ImageFolder: DataFormat {
  public static let name = "images"
  public static let summary =
    "folder per class of JPEG or PNG images; train/, validation/, test/ above them where they exist"

  public static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset {
    guard options.channels == 1 || options.channels == 3 else {
      throw .setting("channels", reason: "images have 1 or 3, not \(options.channels)")
    }
    try options.preprocessing.check()
    guard isFolder(url) else {
      throw .missing(file: url.path, advice: "give the folder that holds the class folders")
    }
    let parts = ["train": ["train"], "validation": ["validation", "val"], "test": ["test"]]
      .mapValues { $0.map { url.appendingPathComponent($0) }.first(where: isFolder) }
    var reader = ImageSetReader(options)
    guard let training = parts["train"] ?? nil else {
      let listing = try ImageListing(url)
      let split = try reader.read(listing, classes: listing.classNames)
      return Dataset(
        name: name, classNames: listing.classNames, train: split, warnings: reader.warnings)
    }
    let listing = try ImageListing(training)
    let train = try reader.read(listing, classes: listing.classNames)
    var others: [String: Split] = [:]
    for part in ["validation", "test"] {
      guard let folder = parts[part] ?? nil else { continue }
      others[part] = try reader.read(try ImageListing(folder), classes: listing.classNames)
    }
    return Dataset(
      name: name, classNames: listing.classNames, train: train, validation: others["validation"],
      test: others["test"], warnings: reader.warnings)
  }
}

/// Reads the splits of one set: all of one size, with bad images counted together.
private struct ImageSetReader {
  let options: OpenOptions
  var warnings: [String] = []
  private var shape: Shape?
  private var badCount = 0

  init(_ options: OpenOptions) {
    self.options = options
    shape = options.preprocessing.size.map { [options.channels, $0[0], $0[1]] }
  }

  mutating func read(_ listing: ImageListing, classes: [String]) throws(DataError) -> Split {
    let labels = try listing.labels(in: classes)
    let fitting = options.preprocessing.size.map { Fitting(size: $0, options.preprocessing) }
    if self.shape == nil { self.shape = try firstShape(listing.urls) }
    guard let shape else { throw .empty(file: listing.folder.path) }
    let files = ImageFiles(
      listing.urls, channels: options.channels, fitting: fitting, shape: shape)
    let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: listing.urls.count)
    let samples: Samples
    let faults: [DataError?]
    if overflow || bytes > options.cacheBytes {
      faults = files.decodeAll(into: nil)
      samples = .files(files)
    } else {
      var values = Tensor(.uint8, Shape([listing.urls.count] + shape.dimensions))
      faults = values.update(as: UInt8.self) { files.decodeAll(into: $0) }
      samples = .stored(values)
    }
    let places = faults.indices.filter { faults[$0] == nil }
    try count(faults.compactMap { $0 })
    guard !places.isEmpty else { throw .empty(file: listing.folder.path) }
    return Split(
      samples, shape: shape, places: places.map { Int32($0) }, labels: places.map { labels[$0] })
  }

  private mutating func count(_ faults: [DataError]) throws(DataError) {
    guard let first = faults.first else { return }
    for case .sizesDiffer(let file, let size, let other, let otherSize) in faults {
      throw .sizesDiffer(file: file, size: size, other: other, otherSize: otherSize)
    }
    badCount += faults.count
    guard badCount <= options.skippableImages else {
      if badCount == 1 { throw first }
      throw .tooManyBadImages(
        count: badCount, allowed: options.skippableImages, first: "\(first)")
    }
    warnings.append("\(faults.count) images were skipped, the first: \(first)")
  }

  /// (C, H, W) of the first file that can be decoded.
  private func firstShape(_ urls: [URL]) throws(DataError) -> Shape {
    var fault: DataError?
    for url in urls.prefix(options.skippableImages + 1) {
      do throws(DataError) {
        let image = try ImageDecoder.decode(url, channels: options.channels)
        return [image.channels, image.height, image.width]
      } catch { fault = fault ?? error }
    }
    throw fault ?? .empty(file: urls.first?.path ?? "")
  }
}
