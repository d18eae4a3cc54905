public import PithGraph
import PithKernels
public import PithTensors

/// One at the first largest element along an axis, zero elsewhere.
public struct Hardmax: Operator {
  public static let name = "Hardmax"
  public static let examples = [
    Example([.random([4, 5])], differentiable: false),
    Example([.random([2, 3, 4])], ["axis": .int(1)], differentiable: false),
  ]

  public let axis: Int

  public init(axis: Int = -1) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: -1))
  }

  public var attributes: Attributes { axis == -1 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferAlongAxis(inputs, axis)
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: [axis < 0 ? axis + shape.rank : axis],
      because: "normalises along this axis")
    return links
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard try request.input(0).shape.rank > 0 else { throw .unsupported("a scalar") }
    return try hardmaxKernel(axis: frontAxis(axis, request), request)
  }
}
