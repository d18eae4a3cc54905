public import PithGraph
import PithKernels
import PithTensors

/// Pairs of elements of each head turned by an angle that grows with the position. Su et al.,
/// "RoFormer", 2021.
///
/// Inputs: x (N, heads, steps, size) or (N, steps, heads x size), cosines and sines: (positions,
/// size / 2) with the positions (N, steps) as input 3, or (N, steps, size / 2) without.
public struct RotaryEmbedding: CompositeOperator {
  public static let name = "RotaryEmbedding"
  public static let examples = [
    Example([
      .random([2, 3, 2, 4]), .random([5, 2]), .random([5, 2]),
      .constant(Tensor([0, 1, 4, 2] as [Int64], [2, 2])),
    ]),
    Example(
      [.random([2, 3, 8]), .random([2, 3, 2]), .random([2, 3, 2])],
      ["num_heads": .int(2), "interleaved": .int(1)]),
    Example(
      [.random([1, 2, 3, 6]), .random([1, 3, 2]), .random([1, 3, 2])],
      ["rotary_embedding_dim": .int(4)]),
  ]

  /// Needed where heads lie side by side.
  public let heads: Int
  /// How many elements of a head are turned; 0 for all.
  public let turned: Int
  /// Whether pairs are neighbours, not elements half a head apart.
  public let isInterleaved: Bool

  public init(heads: Int = 0, turned: Int = 0, isInterleaved: Bool = false) {
    self.heads = heads
    self.turned = turned
    self.isInterleaved = isInterleaved
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    func count(_ name: String) throws(AttributeError) -> Int {
      let count = try attributes.int(name, default: 0)
      guard count >= 0, count <= Int(Int32.max) else {
        throw .invalid(name, value: String(count))
      }
      return count
    }
    self.init(
      heads: try count("num_heads"), turned: try count("rotary_embedding_dim"),
      isInterleaved: try attributes.bool("interleaved", default: false))
    guard turned.isMultiple(of: 2) else {
      throw .invalid("rotary_embedding_dim", value: String(turned))
    }
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if heads != 0 { values["num_heads"] = .int(heads) }
    if turned != 0 { values["rotary_embedding_dim"] = .int(turned) }
    if isInterleaved { values["interleaved"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let x = try inputs.required(0)
    guard x.dtype.isFloatingPoint else { throw .type(input: 0, x.dtype) }
    guard x.rank == 3 || x.rank == 4 else {
      throw .rank(input: 0, expected: "3 or 4", actual: x.rank)
    }
    guard x.rank == 4 || heads > 0 else { throw .invalid("the number of heads is not given") }
    let steps = x.rank == 4 ? x.dimensions[2] : x.dimensions[1]
    if let width = x.dimensions[x.rank - 1].size {
      guard x.rank == 4 || width.isMultiple(of: heads) else {
        throw .mismatch("\(width) columns cannot be shared by \(heads) heads")
      }
      let size = x.rank == 4 ? width : width / heads
      let turned = self.turned == 0 ? size : self.turned
      guard turned <= size, turned.isMultiple(of: 2) else {
        throw .mismatch("\(turned) elements of a head of \(size) cannot be turned")
      }
      try checkAngles(inputs, x, steps, pairs: turned / 2)
    }
    return [Fact(x.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    if shape.rank == 4 {
      links.link(.input(0, 1), .output(0, 1), count: shape[1])
      links.prefer(.input(0, 1))
    } else if heads > 0 {
      links.link(.input(0, 2), .output(0, 2), count: shape[2])
      links.blocks(.input(0, 2), of: shape[2] / heads, count: heads)
    }
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard heads > 0, let data = narrowing.inputs.optional(0) else { return Narrowed(self) }
    let (axis, width) = data.rank == 4 ? (1, heads) : (2, data.dimensions[data.rank - 1].size ?? 0)
    guard let kept = narrowing.kept(.input(0, axis)), width > 0 else { return Narrowed(self) }
    return Narrowed(
      RotaryEmbedding(
        heads: kept.count * heads / width, turned: turned, isInterleaved: isInterleaved))
  }

  private func checkAngles(_ inputs: [Fact?], _ x: Fact, _ steps: Dimension, pairs: Int)
    throws(ShapeError)
  {
    let positions = inputs.optional(3)
    for index in 1...2 {
      let angles = try inputs.required(index)
      guard angles.dtype == x.dtype else { throw .type(input: index, angles.dtype) }
      let expected: [Dimension] =
        positions == nil ? [x.dimensions[0], steps, .fixed(pairs)] : [.unknown, .fixed(pairs)]
      let fits = zip(angles.dimensions, expected).allSatisfy { have, want in
        have.size == nil || want.size == nil || have == want
      }
      guard angles.rank == expected.count, fits else {
        throw .mismatch(
          "input \(index) is \(text(angles.dimensions)), expected \(text(expected))")
      }
    }
    guard let positions else { return }
    guard positions.dtype == .int64 else { throw .type(input: 3, positions.dtype) }
    guard positions.rank == 2 else {
      throw .rank(input: 3, expected: "2", actual: positions.rank)
    }
    let fits = zip(positions.dimensions, [x.dimensions[0], steps]).allSatisfy { have, want in
      have.size == nil || want.size == nil || have == want
    }
    guard fits else { throw .mismatch("positions \(text(positions.dimensions))") }
  }

  public func expand(_ inputs: [Value?], in graph: inout Graph) throws(GraphError) -> [Value] {
    guard inputs.count >= 3, let x = inputs[0], let cosines = inputs[1], let sines = inputs[2],
      let width = graph.type(of: x)?.dimensions.last?.size
    else { throw .invalid("the size of a head is not known") }
    let isFlat = graph.type(of: x)?.rank == 3
    let size = isFlat ? width / heads : width
    // (N, steps, heads, size) or (N, heads, steps, size): angles get an axis for the heads.
    let whole = isFlat ? try graph.reshape(x, to: [0, 0, heads, size]) : x
    func angles(_ table: Value, in graph: inout Graph) throws(GraphError) -> Value {
      var found = table
      if inputs.count > 3, let positions = inputs[3] {
        found = try graph.add(Gather(), table, positions)
      }
      return try graph.unsqueeze(found, axes: [isFlat ? 2 : 1])
    }
    let (cosine, sine) = (try angles(cosines, in: &graph), try angles(sines, in: &graph))
    let turned = self.turned == 0 ? size : self.turned
    let half = turned / 2
    let step = isInterleaved ? 2 : 1
    let first = try graph.slice(
      whole, axis: 3, from: 0, to: isInterleaved ? turned : half, step: step)
    let second = try graph.slice(
      whole, axis: 3, from: isInterleaved ? 1 : half, to: turned, step: step)
    var left = try graph.add(
      Sub(), graph.add(Mul(), cosine, first), graph.add(Mul(), sine, second))
    var right = try graph.add(
      Add(), graph.add(Mul(), sine, first), graph.add(Mul(), cosine, second))
    if isInterleaved {
      left = try graph.unsqueeze(left, axes: [-1])
      right = try graph.unsqueeze(right, axes: [-1])
    }
    var result = try graph.concatenate([left, right], axis: isInterleaved ? 4 : 3)
    if isInterleaved { result = try graph.reshape(result, to: [0, 0, 0, turned]) }
    if turned < size {
      let rest = try graph.slice(whole, axis: 3, from: turned, to: size)
      result = try graph.concatenate([result, rest], axis: 3)
    }
    return [isFlat ? try graph.reshape(result, to: [0, 0, width]) : result]
  }
}
