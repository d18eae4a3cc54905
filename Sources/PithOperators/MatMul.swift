public import PithGraph
import PithKernels
public import PithTensors

/// The product of two matrices, or of stacks of them whose outer axes are stretched as NumPy does.
public struct MatMul: Operator {
  public static let name = "MatMul"
  public static let examples = [
    Example([.random([3, 4]), .random([4, 5])]),
    Example([.random([2, 3, 4]), .random([4, 5])]),
    Example([.random([2, 1, 3, 4]), .random([3, 4, 5])]),
    Example([.random([4]), .random([4, 5])]),
    Example([.random([2, 3, 4]), .random([4])]),
    Example([.random([4]), .random([4])]),
  ]

  /// Transposes the last two axes of the operands first; only operators made of others do.
  let transposesLeft: Bool
  let transposesRight: Bool

  public init() { self.init(transposesLeft: false, transposesRight: false) }

  init(transposesLeft: Bool, transposesRight: Bool) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
  }

  public init(_ attributes: Attributes) throws(AttributeError) { self.init() }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (a, b) = (try inputs.required(0), try inputs.required(1))
    for (index, fact) in [a, b].enumerated() where fact.rank == 0 {
      throw .rank(input: index, expected: "1 or more", actual: 0)
    }
    var left = a.rank == 1 ? [1] + a.dimensions : a.dimensions
    var right = b.rank == 1 ? b.dimensions + [1] : b.dimensions
    if transposesLeft { left.swapAt(left.count - 1, left.count - 2) }
    if transposesRight { right.swapAt(right.count - 1, right.count - 2) }
    if let inner = left[left.count - 1].size, let other = right[right.count - 2].size,
      inner != other
    {
      throw .mismatch("the left operand has \(inner) columns but the right one \(other) rows")
    }
    var result = try broadcast(Array(left.dropLast(2)), Array(right.dropLast(2)))
    if a.rank > 1 { result.append(left[left.count - 2]) }
    if b.rank > 1 { result.append(right[right.count - 1]) }
    return [Fact(a.dtype, result)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let a = inputs.optional(0)?.type.shape, let b = inputs.optional(1)?.type.shape,
      let output = outputs.optional(0)?.type.shape
    else { return .none }
    var links = AxisLinks()
    for axis in 0..<output.rank { links.free(.output(0, axis)) }
    let (row, column) = transposesLeft ? (a.rank - 1, a.rank - 2) : (a.rank - 2, a.rank - 1)
    let (rightRow, rightColumn) =
      transposesRight ? (b.rank - 1, b.rank - 2) : (b.rank - 2, b.rank - 1)
    // A vector is a row on the left and a column on the right.
    let inner = OperandAxis.input(0, a.rank == 1 ? 0 : column)
    links.link(inner, .input(1, b.rank == 1 ? 0 : rightRow), count: a[inner.axis])
    links.sum(over: inner)
    if b.rank > 1 {
      links.link(.input(1, rightColumn), .output(0, output.rank - 1), count: b[rightColumn])
    }
    let matrix = (a.rank > 1 ? 1 : 0) + (b.rank > 1 ? 1 : 0)
    if a.rank > 1 {
      links.link(.input(0, row), .output(0, output.rank - (b.rank > 1 ? 2 : 1)), count: a[row])
    }
    let isAttention = inputs.allSatisfy { $0?.constant == nil }
    for (slot, shape) in [a, b].enumerated() where shape.rank > 2 {
      for axis in 0..<(shape.rank - 2) {
        let place = axis + output.rank - matrix - (shape.rank - 2)
        links.free(.input(slot, axis))
        guard shape[axis] == output[place] else { continue }
        links.link(.input(slot, axis), .output(0, place), count: shape[axis])
        // Products of matrices side by side, both of them computed, are the heads of an attention.
        if isAttention, axis > 0 || shape.rank == 3 { links.prefer(.input(slot, axis)) }
      }
    }
    return links
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let a = inputs.optional(0)?.type.shape, let output = outputs.first?.type.shape,
      a.rank > 0
    else { return Cost() }
    return Cost(macs: output.count * a[a.rank - 1])
  }

  public func role(ofInput index: Int) -> WeightRole? { .weight }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let a = node.inputs[0], let b = node.inputs[1] else {
      return []
    }
    // A vector is a row on the left and a column on the right.
    let isRow = graph.type(of: a)?.rank == 1
    let isColumn = graph.type(of: b)?.rank == 1
    let left = isRow ? try graph.unsqueeze(a, axes: [0]) : a
    let right = isColumn ? try graph.unsqueeze(b, axes: [1]) : b
    var product = gradient
    if isColumn { product = try graph.unsqueeze(product, axes: [-1]) }
    if isRow { product = try graph.unsqueeze(product, axes: [-2]) }
    var results: [Value?] = [nil, nil]
    if wanted[0] {
      let whole =
        transposesLeft
        ? try graph.product(right, product, transposesLeft: transposesRight, transposesRight: true)
        : try graph.product(
          product, right, transposesLeft: false, transposesRight: !transposesRight)
      let summed = try graph.sum(whole, like: left)
      results[0] = isRow ? try graph.reshape(summed, like: a) : summed
    }
    if wanted[1] {
      let whole =
        transposesRight
        ? try graph.product(product, left, transposesLeft: true, transposesRight: transposesLeft)
        : try graph.product(left, product, transposesLeft: !transposesLeft, transposesRight: false)
      let summed = try graph.sum(whole, like: right)
      results[1] = isColumn ? try graph.reshape(summed, like: b) : summed
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard try request.input(0).dtype == .float32 else {
      throw .unsupported("\(try request.input(0).dtype.rawValue) elements")
    }
    // A vector on the right is a matrix of one column; the plan then speaks of that matrix.
    var widened = request
    if try request.input(1).shape.rank == 1 {
      widened.inputs[1]!.shape = Shape([try request.input(1).shape[0], 1])
    }
    return try MatrixProduct(transposesLeft: transposesLeft, transposesRight: transposesRight)
      .kernel(widened)
  }
}

extension Graph {
  fileprivate mutating func product(
    _ left: Value, _ right: Value, transposesLeft: Bool, transposesRight: Bool
  ) throws(GraphError) -> Value {
    try add(
      MatMul(transposesLeft: transposesLeft, transposesRight: transposesRight), left, right)
  }
}
