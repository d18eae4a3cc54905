public import PithGraph
import PithKernels
public import PithTensors

/// The axes in another order: axis i of the result is axis `permutation[i]` of the input;
/// reversed where none is given.
public struct Transpose: Operator {
  public static let name = "Transpose"
  public static let examples = [
    Example([.random([3, 4])]),
    Example([.random([2, 3, 4])]),
    Example([.random([2, 3, 4, 5])], ["perm": .ints([0, 2, 3, 1])]),
    Example([.random([2, 3, 4, 5])], ["perm": .ints([1, 0, 3, 2])]),
    Example([.random([40, 33])], ["perm": .ints([1, 0])]),
    Example([.random([5])], ["perm": .ints([0])]),
    Example([.random([])]),
  ]

  public let permutation: [Int]?

  public init(_ permutation: [Int]? = nil) { self.permutation = permutation }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let permutation = try attributes.ints("perm")
    if let permutation, permutation.sorted() != Array(permutation.indices) {
      throw .invalid("perm", value: String(describing: Array(permutation.prefix(12))))
    }
    self.init(permutation)
  }

  public var attributes: Attributes {
    guard let permutation else { return [:] }
    return ["perm": .ints(permutation)]
  }

  package func order(rank: Int) -> [Int] { permutation ?? Array((0..<rank).reversed()) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let order = order(rank: data.rank)
    guard order.sorted() == Array(0..<data.rank) else {
      throw .rank(input: 0, expected: String(order.count), actual: data.rank)
    }
    return [
      Fact(data.dtype, order.map { data.dimensions[$0] }, elements: data.elements)
    ]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    for (place, axis) in order(rank: data.rank).enumerated() {
      links.link(.input(0, axis), .output(0, place), count: data[axis])
    }
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    let inverse = permutation.map { order in
      order.indices.sorted { order[$0] < order[$1] }
    }
    return [try graph.add(Transpose(inverse), gradient)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try transposeKernel(order(rank: request.input(0).shape.rank), request)
  }
}
