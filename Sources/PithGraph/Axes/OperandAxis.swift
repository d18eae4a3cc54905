/// One axis of one input or output of an operator.
public struct OperandAxis: Sendable, Hashable {
  public enum Operand: Sendable, Hashable {
    case input(Int)
    case output(Int)
  }

  public let operand: Operand
  public let axis: Int

  public init(operand: Operand, axis: Int) {
    self.operand = operand
    self.axis = axis
  }

  public static func input(_ index: Int, _ axis: Int) -> OperandAxis {
    OperandAxis(operand: .input(index), axis: axis)
  }

  public static func output(_ index: Int, _ axis: Int) -> OperandAxis {
    OperandAxis(operand: .output(index), axis: axis)
  }
}
