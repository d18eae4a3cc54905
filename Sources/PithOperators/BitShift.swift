public import PithGraph
import PithKernels
public import PithTensors

/// a shifted by b bits to the left or to the right, zeros moving in; a shift by as many bits as
/// there are, or more, gives zero.
public struct BitShift: ElementwiseOperator {
  public static let name = "BitShift"
  public static let examples = [
    Example(
      [.constant(Tensor([16, 255, 1] as [UInt8])), .constant(Tensor([1] as [UInt8]))],
      ["direction": .string("RIGHT")]),
    Example(
      [.constant(Tensor([.max, 5] as [UInt64])), .constant(Tensor([3, 64] as [UInt64]))],
      ["direction": .string("LEFT")]),
  ]
  public let isLeft: Bool

  public init(isLeft: Bool) { self.isLeft = isLeft }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let direction = try attributes.string("direction")
    guard direction == "LEFT" || direction == "RIGHT" else {
      throw .invalid("direction", value: direction)
    }
    isLeft = direction == "LEFT"
  }

  public var attributes: Attributes { ["direction": .string(isLeft ? "LEFT" : "RIGHT")] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard !operand.dtype.isSigned else { throw .type(input: 0, operand.dtype) }
    return try inferBits(inputs) { left, right in
      guard left >= 0, right >= 0 else { return nil }
      return isLeft ? nil : left >> right
    }
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let isLeft = isLeft
    func shifted<Bits: FixedWidthInteger & TensorElement>(_: Bits.Type) throws(KernelError)
      -> KernelPlan
    {
      try pointwiseKernel(request, as: Bits.self) { isLeft ? $0 << $1 : $0 >> $1 }
    }
    switch try request.input(0).dtype {
    case .uint8: return try shifted(UInt8.self)
    case .uint16: return try shifted(UInt16.self)
    case .uint32: return try shifted(UInt32.self)
    default: return try shifted(UInt64.self)
    }
  }
}
