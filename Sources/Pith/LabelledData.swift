public import Foundation
public import PithData
public import PithGraph
import Yams

/// Data opened for one network, with the preprocessing that brings them to its input.
public struct LabelledData: Sendable {
  public let specification: DataSpecification
  public private(set) var dataset: Dataset
  public let preprocessing: Preprocessing

  /// - Parameters:
  ///   - text: `FORMAT:PATH`.
  ///   - preprocessing: nil for what suits the data's values (bytes are divided by 255).
  ///   - network: its input tells how many channels images are decoded to, their size where nothing
  ///     else does, and the order of the axes.
  ///   - folder: where relative paths start; nil for where the process runs.
  public init(
    _ text: String, preprocessing: Preprocessing? = nil, for network: Graph? = nil,
    relativeTo folder: URL? = nil
  ) throws(DataError) {
    specification = try DataSpecification(text)
    let input = network.flatMap(ImageInput.init)
    var options = OpenOptions(preprocessing: preprocessing ?? .unit)
    if let input {
      options.channels = input.channels
      options.preprocessing.layout = input.layout
      if let size = input.size {
        options.preprocessing = options.preprocessing.sized(size[0], size[1])
      }
    }
    dataset = try specification.open(options, relativeTo: folder)
    var used = preprocessing ?? dataset.defaultPreprocessing
    if let input { used.layout = input.layout }
    if specification.format == "images" { used.size = options.preprocessing.size ?? used.size }
    self.preprocessing = used
  }

  /// Holds samples out of the training data for choices that need data: `count`, or where it is nil
  /// a tenth, at most 5000.
  public mutating func holdOutValidation(_ count: Int?, seed: UInt64) throws(DataError) {
    let count = count ?? min(5000, dataset.train.count / 10)
    if count > 0 { dataset = try dataset.split(validation: count, seed: seed) }
  }

  /// The samples of a part of the data.
  public func split(named name: String) throws(PithError) -> Split {
    let split: Split? =
      switch name {
      case "train": dataset.train
      case "validation": dataset.validation
      case "test": dataset.test
      default: throw .option("split", reason: "there are train, validation and test")
      }
    guard let split else {
      throw .data(source: specification.description, reason: "there is no \(name) split")
    }
    return split
  }
}

extension Preprocessing {
  /// Reads a preset's name or a mapping, `{mean: [0.5], std: [0.25]}`.
  public init(text: String) throws(DataError) {
    let document = RecipeText(text)
    guard let node = document.root else {
      throw .setting(
        "preprocess",
        reason: document.faults.first?.reason ?? "it is neither a preset nor a mapping")
    }
    try self.init(node: node)
  }

  init(node: Yams.Node) throws(DataError) {
    do {
      self = try YAMLDecoder().decode(Preprocessing.self, from: node)
    } catch let error as DataError {
      throw error
    } catch DecodingError.dataCorrupted(let context) {
      if let error = context.underlyingError as? DataError { throw error }
      throw .setting("preprocess \(Self.path(context))", reason: context.debugDescription)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context)
    {
      throw .setting("preprocess \(Self.path(context))", reason: "the value is of the wrong kind")
    } catch {
      throw .setting("preprocess", reason: "it is neither a preset nor a mapping")
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: " ")
  }
}

/// What a network's input says about images.
struct ImageInput {
  var channels: Int
  /// (height, width), where both are fixed.
  var size: [Int]?
  var layout: Preprocessing.Layout

  /// Nil for networks that do not read one batch of images.
  init?(_ graph: Graph) {
    guard graph.inputs.count == 1, let type = graph.type(of: graph.inputs[0]), type.rank == 4 else {
      return nil
    }
    let extents = type.dimensions.map(\.size)
    let isLast = !Self.isChannels(extents[1]) && Self.isChannels(extents[3])
    layout = isLast ? .nhwc : .nchw
    channels = (isLast ? extents[3] : extents[1]) ?? 3
    let sides = isLast ? [extents[1], extents[2]] : [extents[2], extents[3]]
    size = sides.contains(nil) ? nil : sides.compactMap(\.self)
  }

  private static func isChannels(_ extent: Int?) -> Bool { extent == 1 || extent == 3 }
}
