public import PithGraph
import PithKernels
public import PithTensors

/// The middle of the data, or the data in the middle of zeros: along each of `axes` (all axes
/// without them) as many places as input 1 says.
public struct CenterCropPad: Operator, AxisMapOperator {
  public static let name = "CenterCropPad"
  public static let examples = [
    Example([.random([5, 4, 3]), .constant(Tensor([2, 7, 3] as [Int64]))]),
    Example(
      [.random([2, 5, 4]), .constant(Tensor([4, 5] as [Int64]))], ["axes": .ints([1, -1])]),
  ]

  /// Nil for all axes.
  public let axes: [Int]?

  public init(axes: [Int]? = nil) { self.axes = axes }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axes: try attributes.ints("axes"))
  }

  public var attributes: Attributes { axes.map { ["axes": .ints($0)] } ?? [:] }

  /// The wanted extent of each axis, nil where it stays.
  private func extents(_ inputs: [Fact?]) throws(ShapeError) -> [Int?] {
    let rank = try inputs.required(0).rank
    let axes = try normalize(axes: self.axes ?? Array(0..<rank), rank: rank)
    let sizes = try inputs.knownIntegers(1, "the wanted extents")
    guard sizes.count == axes.count else {
      throw .mismatch("\(sizes.count) extents for \(axes.count) axes")
    }
    var result = [Int?](repeating: nil, count: rank)
    for (axis, size) in zip(axes, sizes) {
      guard size >= 0 else { throw .invalid("an extent of \(size)") }
      result[axis] = size
    }
    return result
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let dimensions = zip(data.dimensions, try extents(inputs)).map { dimension, wanted in
      wanted.map(Dimension.fixed) ?? dimension
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try axisMapGradient(of: node, upstream: upstream, wanted: wanted, in: &graph)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.input(0).shape
    guard try request.output(0).shape.count > 0 else { return try regionsKernel(request, []) }
    let maps = try resolving { () throws(ShapeError) in
      try self.maps(data, request.inputFacts)
    }
    return try axisMapKernel(maps, fill: nil, request)
  }

  func maps(_ data: Shape, _ inputs: [Fact?]) throws(ShapeError) -> [[Int]] {
    try extents(inputs).enumerated().map { axis, wanted in
      let have = data[axis]
      let size = wanted ?? have
      // Where an odd number of places is cut off or added, the smaller half comes first.
      let first = have >= size ? (have - size) / 2 : -((size - have) / 2)
      return (0..<size).map { (0..<have).contains(first + $0) ? first + $0 : -1 }
    }
  }
}
