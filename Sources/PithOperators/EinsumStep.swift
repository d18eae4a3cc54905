import PithGraph
import PithTensors

/// The steps that an Einsum is made of, on values whose axes are named.
enum EinsumStep {
  typealias Operand = (value: Value, labels: [EinsumLabel])

  /// The diagonal where a name occurs twice.
  static func withoutRepeats(_ value: Value, _ labels: [EinsumLabel], in graph: inout Graph)
    throws(GraphError) -> Operand
  {
    var result: Operand = (value, labels)
    var axis = 0
    while axis < result.labels.count {
      if let first = result.labels[..<axis].firstIndex(of: result.labels[axis]) {
        result.value = try graph.add(Diagonal(first, axis), result.value)
        result.labels.remove(at: axis)
      } else {
        axis += 1
      }
    }
    return result
  }

  /// Summed over the axes whose names are not kept.
  static func summed(_ operand: Operand, keeping kept: Set<EinsumLabel>, in graph: inout Graph)
    throws(GraphError) -> Operand
  {
    let axes = operand.labels.indices.filter { !kept.contains(operand.labels[$0]) }
    guard !axes.isEmpty else { return operand }
    let sum = try graph.add(
      ReduceSum(keepsAxes: false), operand.value, graph.addIntegers(axes))
    return (sum, operand.labels.filter(kept.contains))
  }

  /// The product of two operands, summed over the names that are not kept: a product of stacks of
  /// matrices.
  static func product(
    _ left: Operand, _ right: Operand, keeping kept: Set<EinsumLabel>, in graph: inout Graph
  ) throws(GraphError) -> Operand {
    // What only one of them has and nobody wants is summed first.
    let a = try summed(left, keeping: kept.union(right.labels), in: &graph)
    let b = try summed(right, keeping: kept.union(left.labels), in: &graph)
    let shared = a.labels.filter(b.labels.contains)
    let stack = shared.filter { kept.contains($0) || $0.isEllipsis }
    let inner = shared.filter { !stack.contains($0) }
    let rows = a.labels.filter { !shared.contains($0) }
    let columns = b.labels.filter { !shared.contains($0) }
    let (x, sizesA) = try matrix(a, stack, rows, inner, in: &graph)
    let (y, sizesB) = try matrix(b, stack, inner, columns, in: &graph)
    let product = try graph.add(MatMul(), x, y)
    let extents =
      zip(sizesA, sizesB).prefix(stack.count).map { max($0, $1) == 1 ? 1 : ($0 == 1 ? $1 : $0) }
      + sizesA[stack.count..<(stack.count + rows.count)] + sizesB[(stack.count + inner.count)...]
    let value = try graph.reshape(product, to: Array(extents), allowZero: true)
    let result: Operand = (value, stack + rows + columns)
    // Stretched axes are summed only now, when they have been stretched.
    return try summed(result, keeping: kept.union(rows).union(columns), in: &graph)
  }

  /// An operand as (stack..., rows, columns), and the extents of all its axes in that order.
  private static func matrix(
    _ operand: Operand, _ stack: [EinsumLabel], _ rows: [EinsumLabel], _ columns: [EinsumLabel],
    in graph: inout Graph
  ) throws(GraphError) -> (Value, [Int]) {
    guard let shape = graph.type(of: operand.value)?.shape else {
      throw .invalid("Einsum needs fixed extents: bind the open dimensions first")
    }
    let order = (stack + rows + columns).compactMap { operand.labels.firstIndex(of: $0) }
    let extents = order.map { shape[$0] }
    let (outer, inner) = (stack.count, stack.count + rows.count)
    let target =
      extents[..<outer] + [
        extents[outer..<inner].reduce(1, *), extents[inner...].reduce(1, *),
      ]
    let value = try graph.transpose(operand.value, order)
    return (try graph.reshape(value, to: Array(target), allowZero: true), extents)
  }
}
