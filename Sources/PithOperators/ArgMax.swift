public import PithGraph
import PithKernels
public import PithTensors

/// The place of the largest element along one axis.
public struct ArgMax: Operator {
  public static let name = "ArgMax"
  public static let examples = [
    Example([.random([3, 5])], ["axis": .int(1)], differentiable: false),
    Example([.random([3, 5, 2])], ["axis": .int(-2), "keepdims": .int(0)], differentiable: false),
    Example(
      [.constant(Tensor([1, 3, 3, 2] as [Int32]))], ["select_last_index": .int(1)]),
  ]
  public let axis: Int
  public let keepsAxis: Bool
  /// Whether the last of equal elements is taken, not the first.
  public let takesLast: Bool

  public init(axis: Int = 0, keepsAxis: Bool = true, takesLast: Bool = false) {
    self.axis = axis
    self.keepsAxis = keepsAxis
    self.takesLast = takesLast
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: 0)
    keepsAxis = try attributes.bool("keepdims", default: true)
    takesLast = try attributes.bool("select_last_index", default: false)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != 0 { values["axis"] = .int(axis) }
    if !keepsAxis { values["keepdims"] = .int(0) }
    if takesLast { values["select_last_index"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    let axis = try normalize(axis: axis, rank: operand.rank)
    var dimensions = operand.dimensions
    guard axis < dimensions.count else { return [Fact(.int64, [])] }
    if keepsAxis { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    return [Fact(.int64, dimensions)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try argumentOfMaximumKernel(axis: frontAxis(axis, request), last: takesLast, request)
  }
}
