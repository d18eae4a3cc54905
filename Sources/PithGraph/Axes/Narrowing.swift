public import PithTensors

/// What remains of an operator's inputs and outputs once places of their axes are removed.
public struct Narrowing: Sendable {
  /// What was known before.
  public let inputs: [Fact?]
  public let outputs: [Fact?]
  /// The places that stay, of each axis that loses some.
  public let kept: [OperandAxis: [Int]]

  public init(inputs: [Fact?], outputs: [Fact?], kept: [OperandAxis: [Int]]) {
    self.inputs = inputs
    self.outputs = outputs
    self.kept = kept
  }

  public func kept(_ axis: OperandAxis) -> [Int]? { kept[axis] }

  /// The extents of a value afterwards; open where one was open, or is no longer known.
  public func dimensions(of operand: OperandAxis.Operand) -> [Dimension]? {
    let fact =
      switch operand {
      case .input(let index): inputs.optional(index)
      case .output(let index): outputs.optional(index)
      }
    return fact?.dimensions.enumerated().map { axis, dimension in
      guard let kept = kept[OperandAxis(operand: operand, axis: axis)] else { return dimension }
      return dimension.size == nil ? .unknown : .fixed(kept.count)
    }
  }
}

/// An operator that fits its narrowed inputs and outputs.
public struct Narrowed: Sendable {
  public var `operator`: any Operator
  /// New values of inputs that are constants: a target shape, the lengths of parts.
  public var constants: [Int: Tensor]

  public init(_ operator: any Operator, constants: [Int: Tensor] = [:]) {
    self.operator = `operator`
    self.constants = constants
  }
}
