public import PithGraph
import PithKernels
public import PithTensors

/// The extents of its input, from axis `start` up to axis `end`, as a vector.
public struct ShapeOperator: Operator {
  public static let name = "Shape"
  public static let examples = [
    Example([.random([2, 3, 4])], differentiable: false),
    Example([.random([2, 3, 4])], ["start": .int(1)], differentiable: false),
    Example(
      [.random([2, 3, 4])], ["start": .int(-2), "end": .int(-1)], differentiable: false),
    Example([.random([2, 3, 4])], ["start": .int(7), "end": .int(9)], differentiable: false),
    Example([.random([])], differentiable: false),
  ]

  public let start: Int
  public let end: Int?

  public init(start: Int = 0, end: Int? = nil) {
    self.start = start
    self.end = end
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      start: try attributes.int("start", default: 0),
      end: attributes.has("end") ? try attributes.int("end") : nil)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if start != 0 { values["start"] = .int(start) }
    if let end { values["end"] = .int(end) }
    return Attributes(values)
  }

  /// The axes whose extents are told; places outside the value count as its ends.
  private func toldAxes(rank: Int) -> Range<Int> {
    func place(_ axis: Int) -> Int { min(max(axis < 0 ? axis + rank : axis, 0), rank) }
    let first = place(start)
    return first..<max(first, place(end ?? rank))
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let told = Array(data.dimensions[toldAxes(rank: data.rank)])
    return [Fact(.int64, [.fixed(told.count)], elements: told)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    for axis in 0..<(inputs.optional(0)?.rank ?? 0) { links.free(.input(0, axis)) }
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let shape = try request.input(0).shape
    let told = shape.dimensions[toldAxes(rank: shape.rank)]
    return constantKernel(Tensor(told.map(Int64.init)), request)
  }
}
