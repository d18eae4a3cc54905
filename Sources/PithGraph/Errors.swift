public import PithTensors

/// Why the type of an operator's outputs cannot be told.
public enum ShapeError: Error, Sendable, Hashable, CustomStringConvertible {
  case missingInput(Int)
  case rank(input: Int, expected: String, actual: Int)
  case type(input: Int, DType)
  /// Two extents that must agree do not: what, in words.
  case mismatch(String)
  /// An input that must be known before running (axes, a target shape) is computed.
  case notConstant(input: Int, String)
  case invalid(String)

  public var description: String {
    switch self {
    case .missingInput(let index): "input \(index) is missing"
    case .rank(let input, let expected, let actual):
      "input \(input) has rank \(actual), expected \(expected)"
    case .type(let input, let dtype): "input \(input) cannot be \(dtype.rawValue)"
    case .mismatch(let what): what
    case .notConstant(let input, let what):
      "input \(input) (\(what)) must be known before the network runs"
    case .invalid(let what): what
    }
  }
}

/// Why an operator's attributes are refused.
public enum AttributeError: Error, Sendable, Hashable, CustomStringConvertible {
  case missing(String)
  case wrongType(String, expected: String)
  case invalid(String, value: String)
  case unsupported(String)

  public var description: String {
    switch self {
    case .missing(let name): "attribute '\(name)' is missing"
    case .wrongType(let name, let expected): "attribute '\(name)' must be \(expected)"
    case .invalid(let name, let value): "attribute '\(name)' cannot be \(value)"
    case .unsupported(let what): "not supported: \(what)"
    }
  }
}

/// Why a graph cannot be built, changed or differentiated; names the node.
public enum GraphError: Error, Sendable, CustomStringConvertible {
  case shape(node: String, operator: String, ShapeError)
  case attribute(node: String, operator: String, AttributeError)
  case kernel(node: String, operator: String, KernelError)
  case notExecutable(node: String, operator: String)
  case notDifferentiable(node: String, operator: String)
  case unknownType(node: String, operator: String, input: String)
  case unboundDimension(value: String, dimension: String)
  case cycle([String])
  case invalid(String)

  public var description: String {
    switch self {
    case .shape(let node, let name, let error): "node '\(node)' (\(name)): \(error)"
    case .attribute(let node, let name, let error): "node '\(node)' (\(name)): \(error)"
    case .kernel(let node, let name, let error): "node '\(node)' (\(name)): \(error)"
    case .notExecutable(let node, let name):
      "node '\(node)': operator \(name) is not supported, so this network cannot be run"
    case .notDifferentiable(let node, let name):
      "node '\(node)' (\(name)): no gradient is defined, so nothing before it can be trained"
    case .unknownType(let node, let name, let input):
      "node '\(node)' (\(name)): the shape of its input '\(input)' is not known"
    case .unboundDimension(let value, let dimension):
      "'\(value)' has the open dimension '\(dimension)': give its size"
    case .cycle(let names): "the nodes form a cycle: \(names.prefix(5).joined(separator: " -> "))"
    case .invalid(let what): what
    }
  }
}
