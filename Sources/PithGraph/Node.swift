/// The name of one tensor in a graph. Values are numbered; the graph knows their ONNX names.
public struct Value: Sendable, Hashable {
  public let id: Int
}

extension Value: CustomStringConvertible {
  public var description: String { "%\(id)" }
}

/// One application of an operator.
public struct Node: Sendable, Identifiable {
  /// Unique within its graph and never used twice.
  public let id: Int
  public var name: String
  public var `operator`: any Operator
  /// Nil where an optional input is left out.
  public var inputs: [Value?]
  /// Nil where an optional output is not wanted.
  public var outputs: [Value?]
  /// Values that a subgraph inside the attributes refers to by name.
  public var captured: [Value] = []

  /// The first output.
  public var output: Value? { outputs.first ?? nil }

  /// The operator, if it is of the given kind.
  public func `as`<Kind: Operator>(_: Kind.Type) -> Kind? { self.operator as? Kind }
}
