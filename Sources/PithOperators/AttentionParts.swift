import PithGraph
import PithTensors

/// The nodes that an `Attention` stands for.
struct AttentionParts {
  private let form: Attention
  private(set) var outputs: [Value] = []

  init(_ form: Attention, _ inputs: [Value?], in graph: inout Graph) throws(GraphError) {
    self.form = form
    guard inputs.count >= 3, let q = inputs[0], let k = inputs[1], let v = inputs[2] else {
      throw .invalid("attention needs queries, keys and values")
    }
    func optional(_ index: Int) -> Value? { index < inputs.count ? inputs[index] : nil }
    let isFlat = graph.type(of: q)?.rank == 3
    let queries = try heads(q, form.queryHeads, in: &graph)
    let keys = try together(optional(4), try heads(k, form.keyHeads, in: &graph), in: &graph)
    let values = try together(optional(5), try heads(v, form.keyHeads, in: &graph), in: &graph)

    let have = try extents(queries, graph)
    var past = 0
    if let earlier = optional(4) { past = try extents(earlier, graph)[2] }
    let count = try extents(keys, graph)[1]
    let shares = have[1] != count
    let size = Float(have[3])
    var product = try graph.scale(queries, by: form.scale ?? 1 / size.squareRoot())
    // Heads that share keys lie one behind the other: they are rows of one matrix.
    if shares { product = try graph.reshape(product, to: [0, count, -1, have[3]]) }
    product = try graph.add(
      MatMul(transposesLeft: false, transposesRight: true), product, keys)
    let places = try extents(keys, graph)[2]
    if shares { product = try graph.reshape(product, to: [0, have[1], -1, places]) }

    var stages = [product]
    if let mask = try mask(
      optional(3), like: product, steps: have[2], places: places,
      past: past, lengths: optional(6), in: &graph)
    {
      product = try graph.add(Add(), product, mask)
    }
    stages.append(product)
    if let cap = form.softcap {
      product = try graph.scale(product, by: 1 / cap)
      product = try graph.scale(try graph.add(Tanh(), product), by: cap)
    }
    stages.append(product)
    product = try graph.add(Softmax(axis: -1), product)
    stages.append(product)

    if shares { product = try graph.reshape(product, to: [0, count, -1, places]) }
    var result = try graph.add(MatMul(), product, values)
    let width = try extents(values, graph)[3]
    if shares { result = try graph.reshape(result, to: [0, have[1], -1, width]) }
    if isFlat {
      result = try graph.transpose(result, [0, 2, 1, 3])
      result = try graph.reshape(result, to: [0, 0, have[1] * width])
    }
    outputs = [result, keys, values, stages[form.weightStage.rawValue]]
  }

  private func extents(_ value: Value, _ graph: Graph) throws(GraphError) -> [Int] {
    guard let shape = graph.type(of: value)?.shape else {
      throw .invalid("attention needs fixed extents: bind the open dimensions first")
    }
    return shape.dimensions
  }

  /// (N, heads, steps, size)
  private func heads(_ value: Value, _ count: Int?, in graph: inout Graph) throws(GraphError)
    -> Value
  {
    guard graph.type(of: value)?.rank == 3, let count else { return value }
    let width = try extents(value, graph)[2]
    return try graph.transpose(
      graph.reshape(value, to: [0, 0, count, width / count]), [0, 2, 1, 3])
  }

  private func together(_ past: Value?, _ now: Value, in graph: inout Graph) throws(GraphError)
    -> Value
  {
    guard let past else { return now }
    return try graph.concatenate([past, now], axis: 2)
  }

  /// What is added to the weights; nil where nothing is.
  private func mask(
    _ mask: Value?, like weights: Value, steps: Int, places: Int, past: Int, lengths: Value?,
    in graph: inout Graph
  ) throws(GraphError) -> Value? {
    var parts: [Value] = []
    if let mask { parts.append(try bias(mask, places: places, in: &graph)) }
    if form.isCausal {
      var rows = [Float](repeating: 0, count: steps * places)
      for step in 0..<steps {
        for place in 0..<places where place > step + past {
          rows[step * places + place] = -.infinity
        }
      }
      parts.append(graph.addWeight(nil, Tensor(rows, [steps, places])))
    }
    if let lengths {
      let numbers = graph.addIntegers(Array(0..<places))
      let limits = try graph.unsqueeze(lengths, axes: [1, 2, 3])
      parts.append(
        try graph.add(
          Where(), graph.add(Less(), numbers, limits), graph.addScalar(0),
          graph.addScalar(-.infinity)))
    }
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() { sum = try graph.add(Add(), sum, part) }
    return sum
  }

  /// A mask as numbers to add, as long as there are places: those behind its end are not seen.
  private func bias(_ mask: Value, places: Int, in graph: inout Graph) throws(GraphError) -> Value {
    var bias = mask
    if graph.type(of: mask)?.dtype == .bool {
      bias = try graph.add(Where(), mask, graph.addScalar(0), graph.addScalar(-.infinity))
    }
    let have = try extents(bias, graph)
    guard let last = have.last, last < places else { return bias }
    return try graph.add(
      Pad(), bias, graph.addIntegers([0, places - last]), graph.addScalar(-.infinity),
      graph.addIntegers([-1]))
  }
}
