public import PithGraph
public import PithKernels
public import PithTensors

/// What RNN, GRU and LSTM share: one layer, run over a sequence in one direction or both.
///
/// Inputs: x (T, N, I), weights (D, G H, I), recurrent weights (D, G H, H), and optionally biases
/// (D, 2 G H), lengths (N), first states (D, N, H); LSTM also first cells (D, N, H) and peepholes
/// (D, 3 H). Outputs: the states of all steps (T, D, N, H), the last ones (D, N, H), LSTM also the
/// last cells. With `layout` 1 the batch comes first: (N, T, I), (N, T, D, H), (N, D, H).
public protocol RecurrentOperator: Operator {
  var layer: Recurrence { get }
  init(_ layer: Recurrence)
  /// The cell that the attributes ask for, and the functions of its gates where they ask for none.
  static func cell(_ attributes: Attributes) throws(AttributeError) -> Recurrence.Cell
  static var usualGates: [Recurrence.Gate] { get }
}

extension RecurrentOperator {
  public init(_ attributes: Attributes) throws(AttributeError) {
    let direction: Recurrence.Direction = try choice(attributes, "direction", .forward)
    let layout = try attributes.int("layout", default: 0)
    guard layout == 0 || layout == 1 else { throw .invalid("layout", value: String(layout)) }
    let gates = try GateWords(attributes).gates(Self.usualGates, directions: direction.count)
    var clip: Float?
    if attributes.has("clip") {
      let bound = try attributes.float("clip")
      guard bound > 0 else { throw .invalid("clip", value: String(bound)) }
      clip = bound
    }
    if attributes.has("hidden_size"), try attributes.int("hidden_size") < 1 {
      throw .invalid("hidden_size", value: String(try attributes.int("hidden_size")))
    }
    self.init(
      Recurrence(
        try Self.cell(attributes), direction: direction, gates: gates, clip: clip,
        isBatchFirst: layout == 1))
  }

  /// `hidden_size` is left out: the weights tell it.
  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if layer.direction != .forward { values["direction"] = .string(layer.direction.rawValue) }
    if layer.isBatchFirst { values["layout"] = .int(1) }
    if let clip = layer.clip { values["clip"] = .float(clip) }
    let usual = (0..<layer.direction.count).map { _ in Self.usualGates }
    if layer.gates != usual { GateWords.write(layer.gates.flatMap(\.self), to: &values) }
    switch layer.cell {
    case .simple: break
    case .gatedUnit(let linear): if linear { values["linear_before_reset"] = .int(1) }
    case .longShortTerm(let couples): if couples { values["input_forget"] = .int(1) }
    }
    return Attributes(values)
  }

  private var isLongShortTerm: Bool {
    if case .longShortTerm = layer.cell { true } else { false }
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let x = try inputs.required(0)
    guard x.dtype.isFloatingPoint else { throw .type(input: 0, x.dtype) }
    guard x.rank == 3 else { throw .rank(input: 0, expected: "3", actual: x.rank) }
    let recurrent = try inputs.required(2)
    guard recurrent.rank == 3, let hidden = recurrent.dimensions[2].size, hidden > 0,
      hidden <= Int(Int32.max)
    else { throw .invalid("the size of the state is not known") }
    let (steps, batch) =
      layer.isBatchFirst ? (x.dimensions[1], x.dimensions[0]) : (x.dimensions[0], x.dimensions[1])
    let directions = Dimension.fixed(layer.direction.count)
    let width = layer.cell.gateCount * hidden
    let state =
      layer.isBatchFirst
      ? [batch, directions, .fixed(hidden)]
      : [directions, batch, .fixed(hidden)]
    let expected: [[Dimension]] = [
      x.dimensions, [directions, .fixed(width), x.dimensions[2]],
      [directions, .fixed(width), .fixed(hidden)], [directions, .fixed(2 * width)], [batch], state,
      state, [directions, .fixed(3 * hidden)],
    ]
    guard inputs.count <= (isLongShortTerm ? 8 : 6) else {
      throw .invalid("\(inputs.count) inputs are too many")
    }
    for index in inputs.indices.dropFirst() {
      guard let fact = index < 3 ? try inputs.required(index) : inputs[index] else { continue }
      guard fact.dtype == (index == 4 ? .int32 : x.dtype) else {
        throw .type(input: index, fact.dtype)
      }
      let fits = zip(fact.dimensions, expected[index]).allSatisfy { have, want in
        have.size == nil || want.size == nil || have == want
      }
      guard fact.rank == expected[index].count, fits else {
        throw .mismatch(
          "input \(index) is \(text(fact.dimensions)), expected \(text(expected[index]))")
      }
    }
    let all =
      layer.isBatchFirst
      ? [batch, steps, directions, .fixed(hidden)] : [steps, directions, batch, .fixed(hidden)]
    let facts = [Fact(x.dtype, all), Fact(x.dtype, state)]
    return isLongShortTerm ? facts + [Fact(x.dtype, state)] : facts
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let state = inputs.optional(2)?.type.shape
    else {
      return .none
    }
    let (size, gates) = (state[2], layer.cell.gateCount)
    let unit = OperandAxis.input(2, 2)
    var links = AxisLinks()
    links.link(.input(0, 2), .input(1, 2), count: data[2])
    links.sum(over: .input(0, 2))
    links.sum(over: unit)
    func link(_ axis: OperandAxis, repeats: Int) {
      links.link(axis, unit, (0..<repeats).map { AxisLink.Run($0 * size, 0, count: size) })
    }
    link(.input(1, 1), repeats: gates)
    link(.input(2, 1), repeats: gates)
    for (slot, axis, repeats) in [(3, 1, 2 * gates), (5, 2, 1), (6, 2, 1), (7, 1, 3)]
    where inputs.optional(slot) != nil {
      link(.input(slot, axis), repeats: repeats)
    }
    for slot in outputs.indices {
      if let output = outputs[slot] { link(.output(slot, output.rank - 1), repeats: 1) }
    }
    return links
  }

  public func role(ofInput index: Int) -> WeightRole? {
    switch index {
    case 1, 2: .weight
    case 3: .bias
    case 7: .weight
    default: nil
    }
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let x = inputs.optional(0)?.type.shape, let w = inputs.optional(1)?.type.shape,
      let r = inputs.optional(2)?.type.shape, x.rank == 3
    else { return Cost() }
    return Cost(macs: x[0] * x[1] * (w.count + r.count))
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard layer.clip == nil else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    func padded<Element>(_ list: [Element?], to count: Int) -> [Element?] {
      list + [Element?](repeating: nil, count: count - list.count)
    }
    let inputs = padded(node.inputs, to: 8) + padded(upstream, to: 3)
    let gradient = RecurrentGradient(layer)
    let facts = try graph.infer(gradient, inputs, node: node.name) ?? []
    // The gradients of all inputs but the lengths, in order.
    let places = [0, 1, 2, 3, 5, 6, 7]
    let outputs = places.enumerated().map { slot, place -> Value? in
      guard place < wanted.count, wanted[place], slot < facts.count else { return nil }
      return graph.declare(nil, facts[slot])
    }
    graph.append(gradient, inputs, outputs: outputs, name: node.name + "_gradient")
    var results = [Value?](repeating: nil, count: node.inputs.count)
    for (place, output) in zip(places, outputs) where place < results.count {
      results[place] = output
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try layer.kernel(request)
  }
}

/// The gradients of a recurrent layer; inputs and outputs are those of
/// `Recurrence.gradientKernel`.
public struct RecurrentGradient: Operator {
  public static let name = "RecurrentGradient"
  public static let domain = "pith"
  public let layer: Recurrence

  init(_ layer: Recurrence) { self.layer = layer }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [0, 1, 2, 3, 5, 6, 7].map { inputs.optional($0).map { Fact($0.type) } ?? Fact(.float32, []) }
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try layer.gradientKernel(request)
  }
}
