public import PithGraph
import PithKernels
public import PithTensors

/// The inputs one behind the other along `axis`.
public struct Concat: Operator {
  public static let name = "Concat"
  public static let examples = [
    Example([.random([2, 3, 4]), .random([2, 1, 4]), .random([2, 2, 4])], ["axis": .int(1)]),
    Example([.random([2, 3]), .random([2, 3])], ["axis": .int(-1)]),
    Example([.random([2, 3]), .random([1, 3])], ["axis": .int(0)]),
    Example([.random([2, 3])], ["axis": .int(0)]),
    Example([.random([2, 0]), .random([2, 3])], ["axis": .int(1)], differentiable: false),
  ]

  public let axis: Int

  public init(axis: Int) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis"))
  }

  public var attributes: Attributes { ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let first = try inputs.required(0)
    guard first.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try normalize(axis: axis, rank: first.rank)
    var dimensions = first.dimensions
    var elements = first.shapeElements
    var isKnown = first.hasKnownElements
    for index in inputs.indices.dropFirst() {
      let next = try inputs.required(index)
      guard next.dtype == first.dtype else { throw .type(input: index, next.dtype) }
      guard next.rank == first.rank else {
        throw .rank(input: index, expected: String(first.rank), actual: next.rank)
      }
      for place in dimensions.indices {
        dimensions[place] =
          place == axis
          ? try sum(dimensions[place], next.dimensions[place])
          : try common(dimensions[place], next.dimensions[place], index)
      }
      if let more = next.shapeElements, let before = elements,
        before.count + more.count <= largestShapeValue
      {
        elements = before + more
        isKnown = isKnown || next.hasKnownElements
      } else {
        elements = nil
      }
    }
    return [Fact(first.dtype, dimensions, elements: isKnown ? elements : nil)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let result = outputs.optional(0)?.type.shape else { return .none }
    let joined = axis < 0 ? axis + result.rank : axis
    var links = AxisLinks()
    var begin = 0
    for (slot, input) in inputs.enumerated() {
      guard let shape = input?.type.shape else { continue }
      for axis in 0..<result.rank where axis != joined {
        links.link(.input(slot, axis), .output(0, axis), count: result[axis])
      }
      links.link(
        .input(slot, joined), .output(0, joined),
        [AxisLink.Run(0, begin, count: shape[joined])])
      begin += shape[joined]
    }
    return links
  }

  private func sum(_ left: Dimension, _ right: Dimension) throws(ShapeError) -> Dimension {
    switch (left, right) {
    case (0, let other), (let other, 0): return other
    case (.fixed(let a), .fixed(let b)):
      let (sum, overflow) = a.addingReportingOverflow(b)
      guard !overflow else { throw .invalid("the result has too many elements") }
      return .fixed(sum)
    default: return .unknown
    }
  }

  private func common(_ left: Dimension, _ right: Dimension, _ index: Int) throws(ShapeError)
    -> Dimension
  {
    switch (left, right) {
    case (.fixed(let a), .fixed(let b)):
      guard a == b else {
        throw .mismatch("input \(index) has extent \(b) where the first input has \(a)")
      }
      return left
    case (.fixed, _), (.named, .named), (.named, .unknown): return left
    default: return right
    }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [] }
    return try graph.add(ConcatGradient(self), [gradient] + node.inputs)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let rank = try request.output(0).shape.rank
    return try concatenationKernel(axis: axis < 0 ? axis + rank : axis, request)
  }
}

/// The part of a gradient that belongs to each input of a `Concat`.
///
/// Inputs: dL/dy and the inputs (of which only the types matter).
public struct ConcatGradient: Operator {
  public static let name = "ConcatGradient"
  public static let domain = "pith"
  let forward: Concat

  init(_ forward: Concat) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try Concat(attributes)) }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    var facts: [Fact] = []
    for index in inputs.indices.dropFirst() { facts.append(Fact(try inputs.required(index).type)) }
    return facts
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let rank = try request.input(0).shape.rank
    let axis = forward.axis < 0 ? forward.axis + rank : forward.axis
    let sizes = request.inputs.dropFirst().map { $0?.shape[axis] ?? 0 }
    return try splitKernel(axis: axis, sizes: sizes, request)
  }
}
