import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// A graph turned into kernel plans over numbered buffers: layouts chosen, re-orders put in, who
/// shares memory with whom decided; addresses not yet.
struct Program {
  /// Where a buffer's memory comes from.
  enum Origin {
    case arena
    /// A constant, kept as the tensor itself.
    case constant(Tensor)
    /// The state of a weight: memory of its own that outlives a run.
    case state(Value)
  }

  struct Buffer {
    var bytes: Int
    var origin: Origin
    var first: Int
    var last: Int
  }

  struct Call {
    var step: Step
    var plan: KernelPlan
    var inputs: [Int?]
    var outputs: [Int?]
    var scratch: Int?
  }

  /// One copy of a value in one layout.
  struct Variant {
    var layout: Layout
    var buffer: Int
  }

  let graph: Graph
  private(set) var calls: [Call] = []
  private(set) var buffers: [Buffer] = []
  private(set) var variants: [Value: [Variant]] = [:]
  private(set) var inputBuffers: [Int] = []
  private(set) var outputBuffers: [Int] = []
  private let states: Set<Value>
  private let nextOf: [Value: Value]
  private var remainingUses: [Value: Int] = [:]
  /// Values that must outlast the node that uses them last.
  private let kept: Set<Value>

  init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    states = Set(graph.updates.map(\.state))
    nextOf = Dictionary(graph.updates.map { ($0.state, $0.next) }, uniquingKeysWith: { a, _ in a })
    kept = Set(graph.outputs)
    for node in graph.nodes {
      for case let input? in node.inputs { remainingUses[input, default: 0] += 1 }
    }
    for update in graph.updates { remainingUses[update.next, default: 0] += 1 }
    try addInputs()
    for node in graph.nodes { try lower(node) }
    for update in graph.updates { try finish(update) }
    for output in graph.outputs {
      outputBuffers.append(try variant(of: output, .plain(try operand(output))))
    }
    for buffer in outputBuffers { buffers[buffer].last = calls.count }
  }

  // MARK: - Values

  private mutating func addInputs() throws(GraphError) {
    for input in graph.inputs {
      let operand = try self.operand(input)
      let buffer = makeBuffer(operand.layout.bytes, .arena, at: -1)
      inputBuffers.append(buffer)
      variants[input] = [Variant(layout: operand.layout, buffer: buffer)]
    }
  }

  private mutating func makeBuffer(_ bytes: Int, _ origin: Origin, at step: Int) -> Int {
    buffers.append(Buffer(bytes: bytes, origin: origin, first: step, last: step))
    return buffers.count - 1
  }

  /// What is known of a value now: fixed shape, and the layout of its first copy.
  private func operand(_ value: Value) throws(GraphError) -> KernelRequest.Operand {
    guard let type = graph.type(of: value) else {
      throw .invalid("the shape of '\(graph.name(of: value))' is not known")
    }
    guard let shape = type.shape else {
      let open = type.dimensions.first { $0.size == nil }
      throw .unboundDimension(value: graph.name(of: value), dimension: open?.description ?? "?")
    }
    return KernelRequest.Operand(
      dtype: type.dtype, shape: shape, layout: variants[value]?.first?.layout,
      constant: states.contains(value) ? nil : graph.fact(of: value)?.knownTensor)
  }

  /// The buffer that holds a value in the given layout, made by a re-order where there is none.
  private mutating func variant(of value: Value, _ layout: Layout) throws(GraphError) -> Int {
    if let found = variants[value]?.first(where: { $0.layout == layout }) {
      buffers[found.buffer].last = calls.count
      return found.buffer
    }
    let operand = try self.operand(value)
    guard let existing = variants[value]?.first else {
      return try materialize(value, operand, layout)
    }
    var request = KernelRequest(inputs: [operand], outputs: [operand])
    request.inputs[0]!.layout = existing.layout
    let plan: KernelPlan
    do { plan = try reorderKernel(request, to: layout.isPlain ? nil : layout) } catch {
      throw .kernel(node: graph.name(of: value), operator: "re-order", error)
    }
    if case .constant(let tensor) = buffers[existing.buffer].origin {
      return try constantVariant(value, tensor, plan, layout)
    }
    let buffer = makeBuffer(layout.bytes, .arena, at: calls.count)
    addCall(
      plan, name: graph.name(of: value), operatorName: "re-order", inputs: [existing.buffer],
      outputs: [buffer], shape: operand.shape)
    variants[value]!.append(Variant(layout: layout, buffer: buffer))
    return buffer
  }

  /// A weight's first use: state takes the layout it is first wanted in.
  private mutating func materialize(
    _ value: Value, _ operand: KernelRequest.Operand, _ layout: Layout
  ) throws(GraphError) -> Int {
    guard let tensor = graph.weights[value] ?? operand.constant else {
      throw .invalid("'\(graph.name(of: value))' is used but nothing makes it")
    }
    if states.contains(value) {
      let buffer = makeBuffer(layout.bytes, .state(value), at: 0)
      variants[value] = [Variant(layout: layout, buffer: buffer)]
      return buffer
    }
    let buffer = makeBuffer(tensor.byteCount, .constant(tensor), at: 0)
    let plain = Layout.plain(operand)
    variants[value] = [Variant(layout: plain, buffer: buffer)]
    return layout == plain ? buffer : try variant(of: value, layout)
  }

  /// Re-orders a constant once, now.
  private mutating func constantVariant(
    _ value: Value, _ tensor: Tensor, _ plan: KernelPlan, _ layout: Layout
  ) throws(GraphError) -> Int {
    var result = Tensor(.uint8, [layout.bytes])
    do {
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: max(plan.scratchBytes, 1), alignment: 64)
      defer { scratch.deallocate() }
      let address = UnsafeMutableRawPointer(mutating: result.stableAddress)
      result.updateBytes { _ in }
      let run = try plan.bind(
        Buffers(
          inputs: [UnsafeMutableRawPointer(mutating: tensor.stableAddress)], outputs: [address],
          scratch: scratch))
      run()
    } catch {
      throw .kernel(node: graph.name(of: value), operator: "re-order", error)
    }
    let buffer = makeBuffer(layout.bytes, .constant(result), at: 0)
    variants[value]!.append(Variant(layout: layout, buffer: buffer))
    return buffer
  }

  // MARK: - Nodes

  private mutating func lower(_ node: Node) throws(GraphError) {
    if node.operator is OpaqueOperator {
      throw .notExecutable(node: node.name, operator: node.operator.name)
    }
    if let flow = node.operator as? any ControlFlowOperator {
      throw .kernel(node: node.name, operator: flow.name, .undecidedFlow)
    }
    var request = KernelRequest(inputs: [], outputs: [])
    request.isTraining = !graph.updates.isEmpty
    for input in node.inputs { request.inputs.append(try input.map(operand)) }
    for output in node.outputs { request.outputs.append(try output.map(operand)) }
    let plan: KernelPlan
    do {
      plan = try wideningPlan(request) { (request) throws(KernelError) in
        try node.operator.kernel(request)
      }
    } catch {
      throw .kernel(node: node.name, operator: node.operator.name, error)
    }
    var inputs: [Int?] = []
    for (input, layout) in zip(node.inputs, plan.inputs) {
      if let input, let layout {
        inputs.append(try variant(of: input, layout))
      } else {
        inputs.append(nil)
      }
    }
    for case let input? in node.inputs { remainingUses[input, default: 0] -= 1 }
    let outputs = try placeOutputs(node, plan, &inputs)
    let cost = node.operator.cost(
      graph.inputFacts(of: node),
      node.outputs.map { $0.flatMap { graph.fact(of: $0) } ?? Fact(.float32, []) })
    addCall(
      plan, name: node.name, operatorName: node.operator.name, inputs: inputs, outputs: outputs,
      shape: request.outputs.first??.shape ?? [], cost: cost)
    for (slot, output) in node.outputs.enumerated() {
      guard let output, let layout = plan.outputs[slot], let buffer = outputs[slot] else {
        continue
      }
      variants[output] = [Variant(layout: layout, buffer: buffer)]
      if remainingUses[output] == nil, !kept.contains(output) {
        buffers[buffer].last = max(buffers[buffer].last, calls.count - 1)
      }
    }
  }

  /// A buffer for each output: an input's where the plan shares one and it may be overwritten.
  private mutating func placeOutputs(_ node: Node, _ plan: KernelPlan, _ inputs: inout [Int?])
    throws(GraphError) -> [Int?]
  {
    var outputs = [Int?](repeating: nil, count: node.outputs.count)
    var taken: Set<Int> = []
    for sharing in plan.sharing {
      guard sharing.output < outputs.count, outputs[sharing.output] == nil,
        let output = node.outputs[sharing.output], let input = node.inputs[sharing.input],
        let buffer = inputs[sharing.input], !taken.contains(sharing.input)
      else { continue }
      let fits = plan.inputs[sharing.input]?.bytes == plan.outputs[sharing.output]?.bytes
      let usedOnce = inputs.count { $0 == buffer } == 1
      if fits, usedOnce, mayOverwrite(input, buffer, by: output) {
        outputs[sharing.output] = buffer
        taken.insert(sharing.input)
      } else if sharing.isRequired, let layout = plan.inputs[sharing.input] {
        let copy = try copied(input, buffer, layout)
        inputs[sharing.input] = copy
        outputs[sharing.output] = copy
        taken.insert(sharing.input)
      }
    }
    for (slot, output) in node.outputs.enumerated() where output != nil && outputs[slot] == nil {
      if let layout = plan.outputs[slot] {
        outputs[slot] = makeBuffer(layout.bytes, .arena, at: calls.count)
      }
    }
    return outputs
  }

  private func mayOverwrite(_ value: Value, _ buffer: Int, by output: Value) -> Bool {
    switch buffers[buffer].origin {
    case .constant: return false
    case .state(let state):
      return nextOf[state] == output && remainingUses[state] == 0
        && variants[state]?.first?.buffer == buffer
    case .arena:
      guard remainingUses[value] == 0, !kept.contains(value) else { return false }
      // A second value may live on in the same buffer (a reshape of it).
      return !variants.contains { other, copies in
        other != value && (remainingUses[other] ?? 0 > 0 || kept.contains(other))
          && copies.contains { $0.buffer == buffer }
      }
    }
  }

  private mutating func copied(_ value: Value, _ buffer: Int, _ layout: Layout)
    throws(GraphError) -> Int
  {
    var operand = try self.operand(value)
    operand.layout = layout
    let copy = makeBuffer(layout.bytes, .arena, at: calls.count)
    addCall(
      copyKernel(KernelRequest(inputs: [operand], outputs: [operand])),
      name: graph.name(of: value), operatorName: "copy", inputs: [buffer], outputs: [copy],
      shape: operand.shape)
    return copy
  }

  /// Brings the next value of a state to where the state lies, unless it was made there.
  private mutating func finish(_ update: Graph.Update) throws(GraphError) {
    guard let state = variants[update.state]?.first else { return }
    let buffer = try variant(of: update.next, state.layout)
    guard buffer != state.buffer else { return }
    var operand = try self.operand(update.next)
    operand.layout = state.layout
    addCall(
      copyKernel(KernelRequest(inputs: [operand], outputs: [operand])),
      name: graph.name(of: update.state), operatorName: "update", inputs: [buffer],
      outputs: [state.buffer], shape: operand.shape)
  }

  private mutating func addCall(
    _ plan: KernelPlan, name: String, operatorName: String, inputs: [Int?], outputs: [Int?],
    shape: Shape, cost: Cost = Cost()
  ) {
    let position = calls.count
    for case let buffer? in inputs + outputs {
      buffers[buffer].last = max(buffers[buffer].last, position)
    }
    let scratch = plan.scratchBytes > 0 ? makeBuffer(plan.scratchBytes, .arena, at: position) : nil
    let layout = plan.outputs.first.flatMap { $0?.blocking?.name } ?? "plain"
    calls.append(
      Call(
        step: Step(
          name: name, operatorName: operatorName, implementation: plan.implementation,
          layout: layout, cost: cost, outputShape: shape), plan: plan, inputs: inputs,
        outputs: outputs, scratch: scratch))
  }
}

extension Program {
  /// The buffers that share one block of memory.
  var arenaBuffers: [Int] {
    buffers.indices.filter { if case .arena = buffers[$0].origin { true } else { false } }
  }

  /// Where in the block each of them lies.
  var memoryPlan: MemoryPlan {
    MemoryPlan(
      arenaBuffers.map {
        MemoryPlan.Buffer(
          bytes: buffers[$0].bytes, first: buffers[$0].first, last: buffers[$0].last)
      })
  }
}

extension Layout {
  static func plain(_ operand: KernelRequest.Operand) -> Layout {
    .plain(operand.dtype, operand.shape)
  }
}
