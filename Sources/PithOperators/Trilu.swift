public import PithGraph
import PithKernels
public import PithTensors

/// The upper or lower triangle of each matrix of the last two axes, zeros elsewhere; optional input
/// 1 says which diagonal bounds it (0: the main one, positive: above).
public struct Trilu: Operator {
  public static let name = "Trilu"
  public static let examples = [
    Example([.random([2, 3, 4])]),
    Example([.random([4, 3]), .constant(Tensor(scalar: Int64(-1)))], ["upper": .int(0)]),
    Example([.random([3, 3]), .constant(Tensor(scalar: Int64(2)))]),
    Example([.constant(Tensor([1, 2, 3, 4] as [Int8], [2, 2]))], ["upper": .int(0)]),
  ]

  public let upper: Bool

  public init(upper: Bool = true) { self.upper = upper }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(upper: try attributes.bool("upper", default: true))
  }

  public var attributes: Attributes { upper ? [:] : ["upper": .int(0)] }

  private func diagonal(_ inputs: [Fact?]) throws(ShapeError) -> Int {
    guard let known = try inputs.optionalIntegers(1, "the diagonal") else { return 0 }
    guard known.count == 1 else { throw .mismatch("\(known.count) diagonals, expected one") }
    return known[0]
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank >= 2 else {
      throw .rank(input: 0, expected: "2 or more", actual: data.rank)
    }
    _ = try diagonal(inputs)
    return [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    let rank = inputs.optional(0)?.rank ?? 0
    var links = AxisLinks()
    links.along(inputs, outputs, except: Set(max(rank - 2, 0)..<rank))
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    return [try graph.add(self, [gradient] + node.inputs.dropFirst())[0], nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let diagonal = try resolving { () throws(ShapeError) in
      try self.diagonal(request.inputFacts)
    }
    return try triangleKernel(upper: upper, diagonal: diagonal, request)
  }
}
