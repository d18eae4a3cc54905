public import PithGraph
import PithKernels
import PithTensors

/// A sum of products of elements, told by letters: each axis of each operand has one; axes of one
/// letter go together, and those whose letter is not in the result are summed over. An ellipsis
/// stands for further axes, which are stretched over one another.
public struct Einsum: CompositeOperator {
  public static let name = "Einsum"
  public static let examples = [
    example("bij,bjk->bik", [2, 3, 4], [2, 4, 5]),
    example("ij->ji", [2, 3]),
    example("...ii->...i", [2, 3, 3]),
    example("ij,kj,j", [2, 3], [4, 3], [3]),
    example("...ij,...jk->...ik", [2, 1, 3, 4], [5, 4, 2]),
    example("i,j->ij", [3], [2]),
    example("abc->", [2, 3, 2]),
  ]

  private static func example(_ equation: String, _ operands: Shape...) -> Example {
    Example(operands.map { .random($0) }, ["equation": .string(equation)])
  }

  public let equation: String
  private let terms: EinsumTerms

  public init(_ attributes: Attributes) throws(AttributeError) {
    equation = try attributes.string("equation")
    guard equation.utf8.count <= 1024, let terms = EinsumTerms(equation) else {
      throw .invalid("equation", value: String(equation.prefix(40)))
    }
    self.terms = terms
  }

  public var attributes: Attributes { ["equation": .string(equation)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let first = try inputs.required(0)
    var dimensions: [[Dimension]] = []
    for index in inputs.indices {
      let fact = try inputs.required(index)
      guard fact.dtype == first.dtype, fact.dtype != .string, fact.dtype != .bool else {
        throw .type(input: index, fact.dtype)
      }
      dimensions.append(fact.dimensions)
    }
    let (labels, result) = try terms.labels(dimensions.map(\.count))
    var extents: [EinsumLabel: Dimension] = [:]
    for (operand, dimensions) in zip(labels, dimensions) {
      for (label, dimension) in zip(operand, dimensions) {
        guard let known = extents[label] else {
          extents[label] = dimension
          continue
        }
        switch (known, dimension) {
        case (.fixed(let a), .fixed(let b)) where a == b: break
        case (1, _) where label.isEllipsis: extents[label] = dimension
        case (_, 1) where label.isEllipsis: break
        case (.fixed(let a), .fixed(let b)):
          throw .mismatch("axes of extents \(a) and \(b) have one letter in '\(equation)'")
        case (_, .fixed): extents[label] = dimension
        default: break
        }
      }
    }
    return [Fact(first.dtype, result.map { extents[$0] ?? .unknown })]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    let ranks = inputs.compactMap { $0?.rank }
    guard ranks.count == inputs.count, let result = outputs.optional(0)?.type.shape,
      let (labels, resultLabels) = try? terms.labels(ranks)
    else { return .none }
    var links = AxisLinks()
    var first: [EinsumLabel: (axis: OperandAxis, extent: Int)] = [:]
    for (axis, label) in resultLabels.enumerated() {
      links.free(.output(0, axis))
      first[label] = (.output(0, axis), result[axis])
    }
    for (slot, operand) in labels.enumerated() {
      guard let shape = inputs[slot]?.type.shape else { continue }
      for (axis, label) in operand.enumerated() {
        let place = OperandAxis.input(slot, axis)
        links.free(place)
        guard let known = first[label] else {
          first[label] = (place, shape[axis])
          links.sum(over: place)
          continue
        }
        if known.extent == shape[axis] { links.link(known.axis, place, count: shape[axis]) }
      }
    }
    return links
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard inputs.count > 1 else { return Cost() }
    let ranks = inputs.map { $0?.rank ?? 0 }
    guard let labels = try? terms.labels(ranks).operands else { return Cost() }
    var extents: [EinsumLabel: Int] = [:]
    for (operand, fact) in zip(labels, inputs) {
      for (label, dimension) in zip(operand, fact?.dimensions ?? []) {
        guard let size = dimension.size else { return Cost() }
        extents[label] = max(extents[label] ?? 1, size)
      }
    }
    return Cost(macs: Shape(Array(extents.values)).checkedCount ?? 0)
  }

  public func role(ofInput index: Int) -> WeightRole? { .weight }

  public func expand(_ inputs: [Value?], in graph: inout Graph) throws(GraphError) -> [Value] {
    var operands: [(value: Value, labels: [EinsumLabel])] = []
    let ranks = inputs.map { $0.flatMap { graph.type(of: $0)?.rank } ?? 0 }
    let labels: [[EinsumLabel]]
    let result: [EinsumLabel]
    do { (labels, result) = try terms.labels(ranks) } catch {
      throw .invalid(error.description)
    }
    for (input, labels) in zip(inputs, labels) {
      guard let input else { throw .invalid("an operand of '\(equation)' is missing") }
      operands.append(try EinsumStep.withoutRepeats(input, labels, in: &graph))
    }
    var total = operands.removeFirst()
    while !operands.isEmpty {
      let next = operands.removeFirst()
      let kept = Set(result + operands.flatMap(\.labels))
      total = try EinsumStep.product(total, next, keeping: kept, in: &graph)
    }
    total = try EinsumStep.summed(total, keeping: Set(result), in: &graph)
    let order = result.compactMap { total.labels.firstIndex(of: $0) }
    return [try graph.transpose(total.value, order)]
  }
}
