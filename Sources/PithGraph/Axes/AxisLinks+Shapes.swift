public import PithTensors

extension AxisLinks {
  /// The elements of `input`, row by row, become those of `output` under another shape.
  ///
  /// Extents of 1 take part in nothing.
  public mutating func reshape(
    _ input: OperandAxis.Operand, _ before: Shape, to output: OperandAxis.Operand, _ after: Shape
  ) {
    var left = before.dimensions.indices.filter { before[$0] != 1 }[...]
    var right = after.dimensions.indices.filter { after[$0] != 1 }[...]
    while !left.isEmpty, !right.isEmpty {
      var (leftAxes, rightAxes) = ([left.removeFirst()], [right.removeFirst()])
      var (a, b) = (before[leftAxes[0]], after[rightAxes[0]])
      while a != b {
        if a < b {
          guard let next = left.popFirst() else { return }
          leftAxes.append(next)
          a *= before[next]
        } else {
          guard let next = right.popFirst() else { return }
          rightAxes.append(next)
          b *= after[next]
        }
      }
      segment(input, leftAxes.map { ($0, before[$0]) }, output, rightAxes.map { ($0, after[$0]) })
    }
  }

  /// Axes of equal product that no smaller part of has equal products.
  private mutating func segment(
    _ input: OperandAxis.Operand, _ before: [(axis: Int, size: Int)],
    _ output: OperandAxis.Operand, _ after: [(axis: Int, size: Int)]
  ) {
    if before.count == 1, after.count == 1 {
      link(
        OperandAxis(operand: input, axis: before[0].axis),
        OperandAxis(operand: output, axis: after[0].axis), count: before[0].size)
      return
    }
    guard let sizes = commonFactors(before.map(\.size), after.map(\.size)) else { return }
    func sides(_ operand: OperandAxis.Operand, _ axes: [(axis: Int, size: Int)])
      -> [AxisFactoring.Side]
    {
      var begin = 0
      return axes.map { axis in
        var (end, product) = (begin, 1)
        while product < axis.size {
          product *= sizes[end]
          end += 1
        }
        defer { begin = end }
        return .init(
          axis: OperandAxis(operand: operand, axis: axis.axis), factors: begin..<end)
      }
    }
    factor(
      AxisFactoring(sizes: sizes, before: sides(input, before), after: sides(output, after)))
  }
}

/// Factors, outermost first, of which both lists of extents are products of neighbours; nil where
/// there are none, as for 6 x 4 and 8 x 3.
private func commonFactors(_ before: [Int], _ after: [Int]) -> [Int]? {
  var boundaries: Set<Int> = []
  for sizes in [before, after] {
    var product = 1
    for size in sizes.reversed() {
      product *= size
      boundaries.insert(product)
    }
  }
  guard !boundaries.contains(0) else { return nil }
  var (factors, inner): ([Int], Int) = ([], 1)
  for boundary in boundaries.sorted() {
    guard boundary % inner == 0 else { return nil }
    if boundary > inner { factors.append(boundary / inner) }
    inner = boundary
  }
  return factors.reversed()
}
