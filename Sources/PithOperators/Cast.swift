public import PithGraph
import PithKernels
public import PithTensors

/// The elements converted to another type.
public struct Cast: ElementwiseOperator {
  public static let name = "Cast"
  public static let examples = [
    Example(
      [.random([2, 3], low: -5, high: 5)], ["to": .int(DType.int64.onnxCode)], differentiable: false
    ),
    Example([.random([2, 3])], ["to": .int(DType.float64.onnxCode)], differentiable: false),
    Example([.random([2, 3])], ["to": .int(DType.float16.onnxCode)], differentiable: false),
    Example([.random([2, 3])], ["to": .int(DType.float32.onnxCode)]),
    Example([.constant(Tensor([1, 0, -7] as [Int64]))], ["to": .int(DType.bool.onnxCode)]),
    Example([.constant(Tensor([1, 0, -7] as [Int8]))], ["to": .int(DType.int4.onnxCode)]),
  ]
  public let target: DType

  public init(_ target: DType) { self.target = target }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let code = try attributes.int("to")
    guard let target = DType(onnxCode: code) else {
      throw .unsupported(DType.name(ofUnknown: code))
    }
    self.target = target
  }

  public var attributes: Attributes { ["to": .int(target.onnxCode)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    let keepsElements = operand.dtype.isInteger && (target == .int64 || target == .int32)
    return [
      Fact(
        TensorType(target, operand.dimensions), elements: keepsElements ? operand.elements : nil)
    ]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let input = node.inputs[0],
      let source = graph.type(of: input)?.dtype, source.isFloatingPoint, target.isFloatingPoint
    else { return [nil] }
    return [try graph.add(Cast(source), gradient)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try conversionKernel(request)
  }
}
