public import PithGraph
import PithKernels
public import PithTensors

/// Maxima put back to where a `MaxPool` found them; everything else is zero.
///
/// Inputs: the maxima (N, C, spatial...), their places (as the second output of `MaxPool`), and the
/// shape of the result where it is not the smallest that the window gives.
public struct MaxUnpool: Operator {
  public static let name = "MaxUnpool"
  public static let examples = [
    Example(
      [.random([1, 1, 2, 2]), .constant(Tensor([5, 7, 13, 15] as [Int64], [1, 1, 2, 2]))],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
    Example(
      [
        .random([1, 1, 2, 2]), .constant(Tensor([5, 7, 13, 15] as [Int64], [1, 1, 2, 2])),
        .constant(Tensor([1, 1, 5, 5] as [Int64])),
      ], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
  ]
  let window: WindowAttributes

  public init(_ attributes: Attributes) throws(AttributeError) {
    window = try WindowAttributes(attributes)
    guard window.kernel != nil else { throw .missing("kernel_shape") }
  }

  public var attributes: Attributes { Attributes(window.values) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, places) = (try inputs.required(0), try inputs.required(1))
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    guard places.dtype == .int64 else { throw .type(input: 1, places.dtype) }
    guard data.rank >= 3 else { throw .rank(input: 0, expected: "3 or more", actual: data.rank) }
    let smallest = try pooled(data.dimensions)
    guard let wanted = try inputs.optionalIntegers(2, "the shape of the result") else {
      return [Fact(data.dtype, smallest)]
    }
    guard wanted.count == data.rank, wanted.allSatisfy({ $0 >= 0 }) else {
      throw .invalid("a result of shape \(wanted.prefix(8)) of data of rank \(data.rank)")
    }
    return [Fact(data.dtype, wanted.map(Dimension.fixed))]
  }

  /// The shape of the data that the window makes the maxima of.
  private func pooled(_ dimensions: [Dimension]) throws(ShapeError) -> [Dimension] {
    let rank = dimensions.count - 2
    let kernel = window.kernel ?? []
    let strides = window.strides ?? [Int](repeating: 1, count: rank)
    let pads = window.pads ?? [Int](repeating: 0, count: 2 * rank)
    guard kernel.count == rank, strides.count == rank, pads.count == 2 * rank else {
      throw .invalid("the window has other axes than the input's \(rank) spatial ones")
    }
    var result = Array(dimensions[..<2])
    for axis in 0..<rank {
      guard let size = dimensions[axis + 2].size else {
        result.append(.unknown)
        continue
      }
      let (span, overflow) = (size - 1).multipliedReportingOverflow(by: strides[axis])
      guard !overflow, span <= 1 << 40,
        span - pads[axis] - pads[axis + rank] + kernel[axis] >= 0
      else { throw .invalid("unpooling an extent of \(size) by \(strides[axis])") }
      result.append(.fixed(span - pads[axis] - pads[axis + rank] + kernel[axis]))
    }
    return result
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil, nil] }
    return [
      try graph.add(MaxUnpoolGradient(self), gradient, node.inputs[1], node.inputs[0]), nil, nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try maxUnpoolingKernel(pooled: pooledShape(request.input(0).shape), request)
  }

  func pooledShape(_ shape: Shape) throws(KernelError) -> Shape {
    let dimensions = try resolving { () throws(ShapeError) in
      try pooled(shape.dimensions.map(Dimension.fixed))
    }
    return Shape(dimensions.map { $0.size ?? 0 })
  }
}

/// dL/d(maxima) of a `MaxUnpool`. Inputs: dL/dy, the places, the maxima (of which only the type
/// matters).
public struct MaxUnpoolGradient: Operator {
  public static let name = "MaxUnpoolGradient"
  public static let domain = "pith"
  let forward: MaxUnpool

  init(_ forward: MaxUnpool) { self.forward = forward }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try MaxUnpool(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try maxUnpoolingGradientKernel(
      pooled: forward.pooledShape(request.output(0).shape), request)
  }
}
