public import PithGraph
import PithTensors

/// Heads can be removed from an attention; where several heads of queries share one of keys and
/// values, they go together.
extension Attention {
  /// An axis of heads, or of heads with their elements side by side.
  private struct Heads {
    let axis: OperandAxis
    let count: Int
    /// Places of a head.
    let size: Int

    init?(_ operand: OperandAxis.Operand, _ fact: Fact?, count: Int?) {
      guard let shape = fact?.type.shape else { return nil }
      if shape.rank == 4 {
        self.init(axis: OperandAxis(operand: operand, axis: 1), count: shape[1], size: 1)
      } else {
        guard shape.rank == 3, let count, count > 0 else { return nil }
        self.init(
          axis: OperandAxis(operand: operand, axis: 2), count: count, size: shape[2] / count)
      }
    }

    init(axis: OperandAxis, count: Int, size: Int) {
      self.axis = axis
      self.count = count
      self.size = size
    }
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let query = Heads(.input(0), inputs.optional(0), count: queryHeads),
      let key = Heads(.input(1), inputs.optional(1), count: keyHeads), key.count > 0
    else { return .none }
    let queries = [
      query, Heads(.output(0), outputs.optional(0), count: query.count),
      Heads(.output(3), outputs.optional(3), count: nil), mask(inputs, heads: query.count),
    ]
    let keys = [
      key, Heads(.input(2), inputs.optional(2), count: key.count),
      Heads(.input(4), inputs.optional(4), count: nil),
      Heads(.input(5), inputs.optional(5), count: nil),
      Heads(.output(1), outputs.optional(1), count: nil),
      Heads(.output(2), outputs.optional(2), count: nil),
    ]
    var links = AxisLinks(reason: "works on whole heads")
    for heads in queries.compactMap(\.self) { link(heads, key, &links) }
    for heads in keys.compactMap(\.self) { link(heads, key, &links) }
    return links
  }

  /// Each head of keys goes with those that use it.
  private func link(_ heads: Heads, _ key: Heads, _ links: inout AxisLinks) {
    let shared = heads.count / key.count
    links.blocks(heads.axis, of: heads.size, count: heads.count)
    if heads.size == 1 { links.prefer(heads.axis) }
    links.link(
      heads.axis, key.axis,
      (0..<shared).map {
        AxisLink.Run(
          $0 * heads.size, 0, count: key.count, firstStep: shared * heads.size,
          secondStep: key.size)
      })
  }

  private func mask(_ inputs: [Fact?], heads: Int) -> Heads? {
    guard let shape = inputs.optional(3)?.type.shape, shape.rank >= 3,
      shape[shape.rank - 3] == heads
    else { return nil }
    return Heads(axis: .input(3, shape.rank - 3), count: heads, size: 1)
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    func left(_ slot: Int, of count: Int?) -> Int? {
      guard let count, let fact = narrowing.inputs.optional(slot) else { return count }
      let axis = fact.rank == 4 ? 1 : 2
      guard let kept = narrowing.kept(.input(slot, axis)), let width = fact.dimensions[axis].size
      else { return count }
      return kept.count * count / width
    }
    var result = self
    result.queryHeads = left(0, of: queryHeads)
    result.keyHeads = left(1, of: keyHeads)
    return Narrowed(result)
  }
}
