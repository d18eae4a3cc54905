public import Foundation
import PithTensors

/// Arrays in an NPZ file.
///
/// - Training data: `x_train` and `y_train`, or `inputs` and `labels`, or `x` and `y`; the labels
///   may be left out.
/// - Further splits: `x_validation` and `y_validation` (or `x_val`, `y_val`), `x_test` and `y_test`.
///
/// Inputs are (N, C, H, W), (N, H, W) or (N, D); rank 4 with 1, 3 or 4 at the end and not in the
/// second place is taken for (N, H, W, C). Bytes stay bytes; other numbers become floats.
///
/// Whole numbers from 0, one per sample, are labels. Floats, (N) or (N, ...), are the targets of a
/// regression: what a network is to give for each sample.
public enum Arrays: DataFormat {
  public static let name = "arrays"
  public static let summary = "NPZ file with x_train, y_train, x_test, y_test, or inputs, labels"

  private static let maximumClasses = 100_000
  private static let trainingNames = [("x_train", "y_train"), ("inputs", "labels"), ("x", "y")]
  private static let validationNames = [
    ("x_validation", "y_validation"), ("x_val", "y_val"),
  ]

  public static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset {
    let archive = try NumPyArchive(contentsOf: url)
    guard let train = try split(archive, trainingNames, url.path) else {
      throw .malformed(
        file: url.path, offset: 0,
        reason: "no x_train, inputs or x; it holds \(archive.names.joined(separator: ", "))")
    }
    let validation = try split(archive, validationNames, url.path)
    let test = try split(archive, [("x_test", "y_test")], url.path)
    for other in [validation, test].compactMap({ $0 }) {
      guard other.sampleShape == train.sampleShape else {
        throw .sizesDiffer(
          file: "\(url.path) x_train", size: "\(train.sampleShape)",
          other: "another of its inputs", otherSize: "\(other.sampleShape)")
      }
      guard other.targetShape == train.targetShape || other.hasNoAnswers else {
        throw .malformed(
          file: url.path, offset: 0,
          reason: "training asks for \(train.answers), another part of the data for "
            + other.answers)
      }
    }
    let splits = [train, validation, test].compactMap { $0 }
    let largest = splits.compactMap { $0.labels?.max() }.max()
    let names = largest.map { (0...Int($0)).map(String.init) } ?? []
    return Dataset(
      name: name, classNames: names, train: train, validation: validation, test: test,
      warnings: warnings(splits))
  }

  private static func split(
    _ archive: NumPyArchive, _ names: [(inputs: String, labels: String)], _ path: String
  ) throws(DataError) -> Split? {
    guard let names = names.first(where: { archive[$0.inputs] != nil }),
      let inputs = archive[names.inputs]
    else { return nil }
    let samples = try samples(inputs, "\(path) [\(names.inputs)]")
    guard let array = archive[names.labels] else { return try Split(samples, labels: nil) }
    guard let count = array.shape.dimensions.first, count == samples.shape[0] else {
      throw .countMismatch(
        file: "\(path) [\(names.inputs)]", count: samples.shape[0], other: names.labels,
        otherCount: array.shape.dimensions.first ?? 0)
    }
    let place = "\(path) [\(names.labels)]"
    if array.dtype.isFloatingPoint {
      return try Split(samples, targets: targets(array, place))
    }
    return try Split(samples, labels: labels(array, place))
  }

  private static func targets(_ array: Tensor, _ path: String) throws(DataError) -> Tensor {
    guard array.count > 0 else { throw .empty(file: path) }
    let values = array.converted(to: .float32)
    guard values.nonFiniteCount == 0 else {
      throw .malformed(
        file: path, offset: 0,
        reason: "\(values.nonFiniteCount) of the targets are not finite numbers")
    }
    return values
  }

  private static func samples(_ array: Tensor, _ path: String) throws(DataError) -> Tensor {
    guard array.shape.rank >= 2, array.dtype != .string else {
      throw .malformed(
        file: path, offset: 0, reason: "inputs must be (N, ...), these are \(array.shape)")
    }
    guard array.count > 0 else { throw .empty(file: path) }
    let values = array.dtype == .uint8 ? array : array.converted(to: .float32)
    let shape = array.shape
    let channelCounts: Set = [1, 3, 4]
    if shape.rank == 3 { return values.reshaped(to: [shape[0], 1, shape[1], shape[2]]) }
    if shape.rank == 4, channelCounts.contains(shape[3]), !channelCounts.contains(shape[1]) {
      return channelsFirst(values)
    }
    return values
  }

  /// (N, C, H, W) from (N, H, W, C).
  private static func channelsFirst(_ values: Tensor) -> Tensor {
    let (count, pixels, channels) = (
      values.shape[0], values.shape[1] * values.shape[2], values.shape[3]
    )
    let width = values.dtype.bits / 8
    var result = Tensor(
      values.dtype, [count, channels, values.shape[1], values.shape[2]], zeroed: false)
    result.updateBytes { output in
      values.readBytes { input in
        for sample in 0..<count {
          for pixel in 0..<pixels {
            for channel in 0..<channels {
              let from = ((sample * pixels + pixel) * channels + channel) * width
              let to = ((sample * channels + channel) * pixels + pixel) * width
              for byte in 0..<width { output[to + byte] = input[from + byte] }
            }
          }
        }
      }
    }
    return result
  }

  private static func labels(_ array: Tensor, _ path: String) throws(DataError) -> [Int32] {
    let isColumn = array.shape.rank == 1 || (array.shape.rank == 2 && array.shape[1] == 1)
    guard isColumn, array.dtype.isInteger else {
      throw .malformed(
        file: path, offset: 0,
        reason: "labels must be whole numbers, one per sample, or floats as the targets of a "
          + "regression; these are \(array.shape) \(array.dtype)")
    }
    let values = array.integers
    if let bad = values.firstIndex(where: { !(0..<maximumClasses).contains($0) }) {
      throw .labelOutOfRange(
        file: path, offset: bad * array.dtype.bits / 8, label: values[bad],
        classCount: maximumClasses)
    }
    return values.map { Int32($0) }
  }

  private static func warnings(_ splits: [Split]) -> [String] {
    let count = splits.reduce(0) { $0 + $1.nonFiniteCount }
    return count > 0 ? ["\(count) input values are not finite numbers"] : []
  }
}

extension Split {
  fileprivate var hasNoAnswers: Bool { labels == nil && targets == nil }

  fileprivate var answers: String {
    targetShape.map { $0.rank == 0 ? "one float each" : "floats of \($0)" } ?? "labels"
  }
}
