public import PithGraph
import PithKernels
public import PithTensors

/// A value of the shape its input tells, all of whose elements are `value` (float zero by default).
public struct ConstantOfShape: Operator {
  public static let name = "ConstantOfShape"
  public static let examples = [
    Example([.constant(Tensor([2, 3] as [Int64]))], differentiable: false),
    Example(
      [.constant(Tensor([4] as [Int64]))], ["value": .tensor(Tensor([7] as [Int64]))],
      differentiable: false),
    Example([.constant(Tensor([] as [Int64]))], differentiable: false),
    Example([.constant(Tensor([0, 2] as [Int64]))], differentiable: false),
  ]

  public let value: Tensor

  public init(_ value: Tensor = Tensor([Float(0)])) { self.value = value }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let value = try attributes.tensor("value") ?? Tensor([Float(0)])
    guard value.count == 1, value.dtype != .string else {
      throw .invalid("value", value: "\(value.dtype.rawValue)[\(value.shape)]")
    }
    self.init(value)
  }

  public var attributes: Attributes {
    value == Tensor([Float(0)]) ? [:] : ["value": .tensor(value)]
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let shape = try inputs.required(0)
    let dimensions: [Dimension]
    if let integers = shape.integers {
      dimensions = integers.map(Dimension.fixed)
    } else if let elements = shape.shapeElements {
      dimensions = elements
    } else {
      throw .notConstant(input: 0, "the shape")
    }
    if let bad = dimensions.first(where: { ($0.size ?? 0) < 0 }) {
      throw .invalid("an extent of \(bad)")
    }
    var fact = Fact(value.dtype, dimensions)
    if value.dtype.isInteger, fact.rank <= 1, let count = fact.type.shape?.count,
      count <= largestShapeValue, let element = value.integers.first
    {
      fact.elements = [Dimension](repeating: .fixed(element), count: count)
    }
    return [fact]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try fillKernel(value, request)
  }

  public static func == (left: ConstantOfShape, right: ConstantOfShape) -> Bool {
    left.value == right.value
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(value.dtype) }
}
