public import PithGraph
import PithKernels
import PithTensors

/// softmax(scale Q Kᵀ + mask) V for several heads. Vaswani et al., "Attention is all you need",
/// 2017; several heads of queries may share one of keys and values (Ainslie et al., "GQA", 2023).
///
/// Inputs: Q (N, heads, steps, size), K, V, and optionally a mask (added, or bool: whether a place
/// is seen), the keys and values before K and V, and the number of places of each sequence that
/// are no padding. Q, K, V may also be (N, steps, heads x size). Outputs: the result in the form of
/// Q, all keys and all values, and the weights at the stage that `weightStage` names.
public struct Attention: CompositeOperator {
  /// Where the weights are that output 3 shows.
  public enum WeightStage: Int, Sendable, CaseIterable {
    case product, masked, capped, normalized
  }

  public static let name = "Attention"
  public static let examples = [
    Example([.random([2, 3, 4, 8]), .random([2, 3, 6, 8]), .random([2, 3, 6, 5])]),
    Example(
      [.random([2, 4, 12]), .random([2, 3, 6]), .random([2, 3, 6])],
      ["q_num_heads": .int(4), "kv_num_heads": .int(2), "scale": .float(0.3)]),
    Example(
      [
        .random([1, 2, 3, 4]), .random([1, 2, 2, 4]), .random([1, 2, 2, 4]), .absent,
        .random([1, 2, 1, 4]), .random([1, 2, 1, 4]),
      ], ["is_causal": .int(1), "softcap": .float(2)], outputCount: 3),
    Example(
      [
        .random([1, 2, 2, 4]), .random([1, 2, 3, 4]), .random([1, 2, 3, 4]),
        .constant(Tensor([true, false, true, true, true, false], [2, 3])),
      ], ["qk_matmul_output_mode": .int(3)], outputCount: 4),
    Example(
      [
        .random([2, 1, 2, 4]), .random([2, 1, 3, 4]), .random([2, 1, 3, 4]), .random([2, 2]),
        .absent, .absent, .constant(Tensor([2, 1] as [Int64])),
      ]),
  ]

  public var queryHeads: Int?
  public var keyHeads: Int?
  /// Nil for one by the square root of the size of a head.
  public var scale: Float?
  /// Nil for none: weights w become cap tanh(w / cap).
  public var softcap: Float?
  public var isCausal = false
  public var weightStage = WeightStage.product
  /// ONNX's code of the type that the softmax is wanted in; it is carried along only.
  public var softmaxPrecision: Int?

  public init() {}

  public init(_ attributes: Attributes) throws(AttributeError) {
    func count(_ name: String) throws(AttributeError) -> Int? {
      guard attributes.has(name) else { return nil }
      let count = try attributes.int(name)
      guard count > 0, count <= Int(Int32.max) else {
        throw .invalid(name, value: String(count))
      }
      return count
    }
    queryHeads = try count("q_num_heads")
    keyHeads = try count("kv_num_heads")
    scale = attributes.has("scale") ? try attributes.float("scale") : nil
    let cap = try attributes.float("softcap", default: 0)
    softcap = cap > 0 ? cap : nil
    isCausal = try attributes.bool("is_causal", default: false)
    let mode = try attributes.int("qk_matmul_output_mode", default: 0)
    guard let stage = WeightStage(rawValue: mode) else {
      throw .invalid("qk_matmul_output_mode", value: String(mode))
    }
    weightStage = stage
    softmaxPrecision = try count("softmax_precision")
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if let queryHeads { values["q_num_heads"] = .int(queryHeads) }
    if let keyHeads { values["kv_num_heads"] = .int(keyHeads) }
    if let scale { values["scale"] = .float(scale) }
    if let softcap { values["softcap"] = .float(softcap) }
    if isCausal { values["is_causal"] = .int(1) }
    if weightStage != .product { values["qk_matmul_output_mode"] = .int(weightStage.rawValue) }
    if let softmaxPrecision { values["softmax_precision"] = .int(softmaxPrecision) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let q = try heads(try inputs.required(0), 0, count: queryHeads)
    let k = try heads(try inputs.required(1), 1, count: keyHeads)
    let v = try heads(try inputs.required(2), 2, count: keyHeads)
    guard (inputs[0]?.rank, inputs[1]?.rank) == (inputs[1]?.rank, inputs[2]?.rank) else {
      throw .mismatch("queries, keys and values of different ranks")
    }
    try agree(q[0], k[0], "sequences")
    try agree(k[0], v[0], "sequences")
    try agree(k[1], v[1], "heads")
    try agree(k[2], v[2], "places")
    try agree(q[3], k[3], "the size of a head")
    if let queries = q[1].size, let keys = k[1].size {
      guard keys > 0, queries.isMultiple(of: keys) else {
        throw .mismatch("\(queries) heads of queries for \(keys) of keys")
      }
    }
    let (keys, values) = (try all(inputs, 4, k), try all(inputs, 5, v))
    guard (inputs.optional(4) == nil) == (inputs.optional(5) == nil) else {
      throw .invalid("earlier keys without values, or values without keys")
    }
    try checkMask(inputs, [q[0], q[1], q[2], keys[2]])
    let dtype = try inputs.required(0).dtype
    let isFlat = inputs[0]?.rank == 3
    let result =
      isFlat
      ? [q[0], q[2], DimensionProduct([q[1], v[3]]).dimension] : [q[0], q[1], q[2], v[3]]
    return [
      Fact(dtype, result), Fact(dtype, keys), Fact(dtype, values),
      Fact(dtype, [q[0], q[1], q[2], keys[2]]),
    ]
  }

  /// (N, heads, steps, size) of an operand.
  private func heads(_ fact: Fact, _ index: Int, count: Int?) throws(ShapeError) -> [Dimension] {
    guard fact.dtype.isFloatingPoint else { throw .type(input: index, fact.dtype) }
    if fact.rank == 4 {
      if let count, let have = fact.dimensions[1].size, have != count {
        throw .mismatch("input \(index) has \(have) heads, expected \(count)")
      }
      return fact.dimensions
    }
    guard fact.rank == 3 else {
      throw .rank(input: index, expected: "3 or 4", actual: fact.rank)
    }
    guard let count else { throw .invalid("the number of heads is not given") }
    var size = Dimension.unknown
    if let width = fact.dimensions[2].size {
      guard width.isMultiple(of: count) else {
        throw .mismatch("\(width) columns cannot be shared by \(count) heads")
      }
      size = .fixed(width / count)
    }
    return [fact.dimensions[0], .fixed(count), fact.dimensions[1], size]
  }

  private func agree(_ left: Dimension, _ right: Dimension, _ what: String) throws(ShapeError) {
    if let a = left.size, let b = right.size, a != b {
      throw .mismatch("\(what): \(a) and \(b)")
    }
  }

  /// The extents of earlier keys or values and these.
  private func all(_ inputs: [Fact?], _ index: Int, _ now: [Dimension]) throws(ShapeError)
    -> [Dimension]
  {
    guard let past = inputs.optional(index) else { return now }
    guard past.rank == 4 else { throw .rank(input: index, expected: "4", actual: past.rank) }
    for axis in [0, 1, 3] { try agree(past.dimensions[axis], now[axis], "axis \(axis) of keys") }
    var result = now
    if let a = past.dimensions[2].size, let b = now[2].size {
      let (sum, overflow) = a.addingReportingOverflow(b)
      guard !overflow else { throw .invalid("too many places") }
      result[2] = .fixed(sum)
    } else {
      result[2] = .unknown
    }
    return result
  }

  private func checkMask(_ inputs: [Fact?], _ weights: [Dimension]) throws(ShapeError) {
    if let mask = inputs.optional(3) {
      guard mask.dtype == .bool || mask.dtype == inputs[0]?.dtype else {
        throw .type(input: 3, mask.dtype)
      }
      guard (2...4).contains(mask.rank) else {
        throw .rank(input: 3, expected: "2 to 4", actual: mask.rank)
      }
      var seen = mask.dimensions
      if let have = seen.last?.size, let wanted = weights[3].size {
        guard have <= wanted else { throw .mismatch("a mask of \(have) places for \(wanted)") }
        seen[seen.count - 1] = .fixed(wanted)
      }
      let both = try broadcast(seen, weights)
      guard zip(both, weights).allSatisfy({ $0.size == nil || $1.size == nil || $0 == $1 }) else {
        throw .mismatch("a mask \(text(mask.dimensions)) for weights \(text(weights))")
      }
    }
    guard let lengths = inputs.optional(6) else { return }
    guard lengths.dtype == .int64 else { throw .type(input: 6, lengths.dtype) }
    guard lengths.rank == 1 else { throw .rank(input: 6, expected: "1", actual: lengths.rank) }
    try agree(lengths.dimensions[0], weights[0], "lengths")
  }

  public func expand(_ inputs: [Value?], in graph: inout Graph) throws(GraphError) -> [Value] {
    try AttentionParts(self, inputs, in: &graph).outputs
  }
}
