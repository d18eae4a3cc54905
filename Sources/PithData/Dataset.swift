public import PithTensors

/// Labelled images (or arrays) with the splits they came with.
public struct Dataset: Sendable {
  /// How the set was asked for, such as `mnist`.
  public let name: String
  /// One per class, in label order; the labels as digits where a set gives no names.
  public let classNames: [String]
  /// (C, H, W) of every sample.
  public let sampleShape: Shape
  public internal(set) var train: Split
  public internal(set) var validation: Split?
  public let test: Split?
  /// What a user should know, such as images that were skipped.
  public internal(set) var warnings: [String]

  public init(
    name: String, classNames: [String], train: Split, validation: Split? = nil, test: Split? = nil,
    warnings: [String] = []
  ) {
    self.name = name
    self.classNames = classNames
    self.sampleShape = train.sampleShape
    self.train = train
    self.validation = validation
    self.test = test
    self.warnings = warnings
  }

  public var classCount: Int { classNames.count }

  /// (C, H, W), as `sampleShape`.
  public var imageShape: Shape { sampleShape }

  /// The samples to measure accuracy on: those for testing, or the nearest thing to them.
  public var evaluation: Split { test ?? validation ?? train }

  /// What fits the values when nothing else is said: `unit` for bytes, `raw` for floats.
  public var defaultPreprocessing: Preprocessing {
    train.elementType == .uint8 ? .unit : .raw
  }

  /// Throws when a label names no output of a network with `outputCount` of them.
  public func check(outputCount: Int) throws(DataError) {
    for (part, split) in [("train", train), ("validation", validation), ("test", test)] {
      guard let labels = split?.labels, let bad = labels.firstIndex(where: { $0 >= outputCount })
      else { continue }
      throw .setting(
        "data",
        reason: "\(part) sample \(bad) has label \(labels[bad]), but the network has "
          + "\(outputCount) outputs")
    }
  }
}
