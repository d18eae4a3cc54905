public import PithGraph
import PithKernels
public import PithTensors

/// The input repeated along each axis as often as input 1 says.
public struct Tile: Operator {
  public static let name = "Tile"
  public static let examples = [
    Example([.random([2, 3]), .constant(Tensor([2, 3] as [Int64]))]),
    Example([.random([2, 3, 2]), .constant(Tensor([1, 2, 1] as [Int64]))]),
    Example([.random([4]), .constant(Tensor([0] as [Int64]))], differentiable: false),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let repeats = try inputs.knownIntegers(1, "the repeats")
    guard repeats.count == data.rank else {
      throw .mismatch("\(repeats.count) repeats for a value of rank \(data.rank)")
    }
    var dimensions: [Dimension] = []
    for (dimension, times) in zip(data.dimensions, repeats) {
      guard times >= 0 else { throw .invalid("a repeat of \(times)") }
      switch dimension {
      case .fixed(let size):
        let (product, overflow) = size.multipliedReportingOverflow(by: times)
        guard !overflow else { throw .invalid("\(times) repeats are too many") }
        dimensions.append(.fixed(product))
      default: dimensions.append(times == 1 ? dimension : times == 0 ? 0 : .unknown)
      }
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.along(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    return [try graph.add(TileGradient(), gradient, node.inputs[0]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, result) = (try request.input(0).shape, try request.output(0).shape)
    guard data.count > 0 else { return try regionsKernel(request, []) }
    let (from, to) = (data.strides, result.strides)
    // Two axes for each: the repeat, which reads the same places again, and the place.
    return try regionsKernel(
      request,
      [
        Region(
          extents: data.dimensions.indices.flatMap { [result[$0] / data[$0], data[$0]] },
          from: .init(strides: from.flatMap { [0, $0] }),
          to: .init(strides: to.indices.flatMap { [to[$0] * data[$0], to[$0]] }))
      ])
  }
}

/// dL/d(data) of a tiling: the sum over the repeats. Inputs: dL/dy, data (its type only).
public struct TileGradient: Operator {
  public static let name = "TileGradient"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (from, to) = (try request.input(0).shape, try request.output(0).shape)
    return try samplingKernel(
      to.dimensions.indices.map { axis in
        AxisSampling.map((0..<from[axis]).map { $0 % max(to[axis], 1) }, sourceExtent: to[axis])
          .transposed
      }, request)
  }
}
