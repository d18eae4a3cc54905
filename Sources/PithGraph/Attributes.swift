public import PithTensors

/// The value of one attribute of a node, as ONNX has them.
public enum AttributeValue: Sendable, Equatable {
  case int(Int)
  case float(Float)
  case string(String)
  case tensor(Tensor)
  case ints([Int])
  case floats([Float])
  case strings([String])
  /// Kinds that are only carried along (subgraphs, sparse tensors, types): the encoded attribute.
  case encoded([UInt8])
}

/// The attributes of a node by name, and the operator-set version they were written for.
public struct Attributes: Sendable, Equatable {
  public var values: [String: AttributeValue]
  /// The version of the operator set whose meaning and defaults apply.
  public var opset: Int

  public init(_ values: [String: AttributeValue] = [:], opset: Int = Attributes.currentOpset) {
    self.values = values
    self.opset = opset
  }

  /// The version that graphs are brought to when they are read.
  public static let currentOpset = 21

  public func has(_ name: String) -> Bool { values[name] != nil }

  public func int(_ name: String, default fallback: Int? = nil) throws(AttributeError) -> Int {
    switch values[name] {
    case .int(let value): return value
    case nil:
      guard let fallback else { throw .missing(name) }
      return fallback
    default: throw .wrongType(name, expected: "a whole number")
    }
  }

  public func bool(_ name: String, default fallback: Bool) throws(AttributeError) -> Bool {
    try int(name, default: fallback ? 1 : 0) != 0
  }

  public func float(_ name: String, default fallback: Float? = nil) throws(AttributeError) -> Float
  {
    switch values[name] {
    case .float(let value): return value
    case nil:
      guard let fallback else { throw .missing(name) }
      return fallback
    default: throw .wrongType(name, expected: "a number")
    }
  }

  public func string(_ name: String, default fallback: String? = nil) throws(AttributeError)
    -> String
  {
    switch values[name] {
    case .string(let value): return value
    case nil:
      guard let fallback else { throw .missing(name) }
      return fallback
    default: throw .wrongType(name, expected: "a word")
    }
  }

  /// Nil when the attribute is absent.
  public func ints(_ name: String) throws(AttributeError) -> [Int]? {
    switch values[name] {
    case .ints(let value): return value
    case nil: return nil
    default: throw .wrongType(name, expected: "a list of whole numbers")
    }
  }

  /// Nil when the attribute is absent.
  public func floats(_ name: String) throws(AttributeError) -> [Float]? {
    switch values[name] {
    case .floats(let value): return value
    case nil: return nil
    default: throw .wrongType(name, expected: "a list of numbers")
    }
  }

  /// Nil when the attribute is absent.
  public func tensor(_ name: String) throws(AttributeError) -> Tensor? {
    switch values[name] {
    case .tensor(let value): return value
    case nil: return nil
    default: throw .wrongType(name, expected: "a tensor")
    }
  }
}

extension Attributes: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, AttributeValue)...) {
    self.init(Dictionary(elements) { first, _ in first })
  }
}
