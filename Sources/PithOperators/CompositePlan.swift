import PithGraph
import PithKernels
import PithTensors

/// The plans of a graph's nodes as one plan: what lies between them is scratch memory.
struct CompositePlan {
  /// Where a value lies.
  private enum Place {
    case input(Int)
    case output(Int)
    case scratch(Int)
    case constant(Tensor)

    func address(_ buffers: Buffers) -> UnsafeMutableRawPointer? {
      switch self {
      case .input(let index): buffers.inputs[index]
      case .output(let index): buffers.outputs[index]
      case .scratch(let offset): buffers.scratch.map { $0 + offset }
      case .constant(let tensor): UnsafeMutableRawPointer(mutating: tensor.stableAddress)
      }
    }
  }

  private struct Stage {
    let plan: KernelPlan
    let inputs: [Place?]
    let outputs: [Place?]
    let scratch: Place?

    func bind(_ buffers: Buffers) throws(KernelError) -> () -> Void {
      let run = try plan.bind(
        Buffers(
          inputs: inputs.map { $0?.address(buffers) },
          outputs: outputs.map { $0?.address(buffers) }, scratch: scratch?.address(buffers)))
      // Constants live as long as the closure.
      let inputs = inputs
      return { withExtendedLifetime(inputs) { run() } }
    }
  }

  private struct Placed {
    var place: Place
    var layout: Layout
  }

  private let graph: Graph
  private var stages: [Stage] = []
  private var values: [Value: Placed] = [:]
  private var memory = ScratchMemory()
  private var lastUse: [Value: Int] = [:]
  /// The first output that each value is.
  private var outputOf: [Value: Int] = [:]
  private(set) var plan: KernelPlan

  /// `inputs` are the graph's values for the inputs of `request`; its outputs are the request's.
  init(_ graph: Graph, _ inputs: [Value?], _ request: KernelRequest) throws(KernelError) {
    self.graph = graph
    plan = KernelPlan(
      inputs: request.inputs.map { _ in nil }, outputs: request.plainOutputs,
      implementation: "composite"
    ) { _ in {} }
    for (value, tensor) in graph.weights {
      values[value] = Placed(place: .constant(tensor), layout: .plain(tensor.dtype, tensor.shape))
    }
    for (index, input) in inputs.enumerated() {
      guard let input, let operand = request.inputs[index], values[input] == nil else { continue }
      let layout = Layout.plain(operand.dtype, operand.shape)
      values[input] = Placed(place: .input(index), layout: layout)
      plan.inputs[index] = layout
    }
    for (position, node) in graph.nodes.enumerated() {
      for case let input? in node.inputs { lastUse[input] = position }
    }
    for (index, output) in graph.outputs.enumerated() where request.hasOutput(index) {
      lastUse[output] = graph.nodes.count
      if outputOf[output] == nil { outputOf[output] = index }
    }
    for (position, node) in graph.nodes.enumerated() { try add(node, at: position) }
    for (index, output) in graph.outputs.enumerated() where request.hasOutput(index) {
      try deliver(output, to: index)
    }
    plan.scratchBytes = memory.size
    let stages = stages
    plan.bind = { (buffers) throws(KernelError) in
      var runs: [() -> Void] = []
      for stage in stages { runs.append(try stage.bind(buffers)) }
      return { for run in runs { run() } }
    }
  }

  private func operand(_ value: Value) throws(KernelError) -> KernelRequest.Operand {
    guard let fact = graph.fact(of: value), let shape = fact.type.shape else {
      throw .unsupported("a part whose shape depends on what is computed")
    }
    return .init(
      dtype: fact.dtype, shape: shape, layout: values[value]?.layout, constant: fact.knownTensor)
  }

  private mutating func add(_ node: Node, at position: Int) throws(KernelError) {
    var request = KernelRequest(inputs: [], outputs: [])
    for input in node.inputs { request.inputs.append(try input.map(operand)) }
    for output in node.outputs { request.outputs.append(try output.map(operand)) }
    let part = try wideningPlan(request) { (request) throws(KernelError) in
      try node.operator.kernel(request)
    }
    guard !part.sharing.contains(where: \.isRequired) else {
      throw .unsupported("\(node.operator.name) as a part")
    }
    var passing: [(offset: Int, bytes: Int)] = []
    var inputs: [Place?] = []
    for (input, layout) in zip(node.inputs, part.inputs) {
      guard let input, let layout else {
        inputs.append(nil)
        continue
      }
      guard let placed = values[input] else { throw .unsupported("a part that nothing makes") }
      if placed.layout == layout {
        inputs.append(placed.place)
        continue
      }
      let offset = memory.reserve(layout.bytes)
      passing.append((offset, layout.bytes))
      try reorder(input, placed, to: .scratch(offset), layout)
      inputs.append(.scratch(offset))
    }
    var outputs: [Place?] = []
    for (slot, output) in node.outputs.enumerated() {
      guard let output, let layout = part.outputs[slot] else {
        outputs.append(nil)
        continue
      }
      let place: Place
      if let index = outputOf[output], layout.isPlain {
        place = .output(index)
      } else {
        place = .scratch(memory.reserve(layout.bytes))
      }
      values[output] = Placed(place: place, layout: layout)
      outputs.append(place)
    }
    let scratch = part.scratchBytes > 0 ? memory.reserve(part.scratchBytes) : nil
    stages.append(
      Stage(plan: part, inputs: inputs, outputs: outputs, scratch: scratch.map { .scratch($0) }))
    if let scratch { memory.release(scratch, part.scratchBytes) }
    for (offset, bytes) in passing { memory.release(offset, bytes) }
    release(node, at: position)
  }

  /// Gives back the memory of what nobody reads after a node.
  private mutating func release(_ node: Node, at position: Int) {
    for case let value? in Set(node.inputs + node.outputs)
    where lastUse[value] ?? position <= position {
      guard let placed = values[value], case .scratch(let offset) = placed.place else { continue }
      memory.release(offset, placed.layout.bytes)
      values[value] = nil
    }
  }

  private mutating func reorder(
    _ value: Value, _ placed: Placed, to place: Place, _ layout: Layout
  ) throws(KernelError) {
    let operand = try self.operand(value)
    let request = KernelRequest(inputs: [operand], outputs: [operand])
    let part = try reorderKernel(request, to: layout.isPlain ? nil : layout)
    let scratch = part.scratchBytes > 0 ? memory.reserve(part.scratchBytes) : nil
    stages.append(
      Stage(
        plan: part, inputs: [placed.place], outputs: [place],
        scratch: scratch.map { .scratch($0) }))
    if let scratch { memory.release(scratch, part.scratchBytes) }
  }

  /// Brings a value to an output that it was not made in.
  private mutating func deliver(_ value: Value, to index: Int) throws(KernelError) {
    guard let placed = values[value] else { throw .unsupported("a part that nothing makes") }
    if case .output(index) = placed.place { return }
    guard placed.layout.isPlain else {
      let operand = try self.operand(value)
      try reorder(value, placed, to: .output(index), .plain(operand.dtype, operand.shape))
      return
    }
    let operand = try self.operand(value)
    let part = copyKernel(KernelRequest(inputs: [operand], outputs: [operand]))
    stages.append(
      Stage(plan: part, inputs: [placed.place], outputs: [.output(index)], scratch: nil))
  }
}

/// Offsets into one block of memory, of which what is given back is used again.
private struct ScratchMemory {
  private(set) var size = 0
  private var free: [(offset: Int, bytes: Int)] = []

  mutating func reserve(_ bytes: Int) -> Int {
    let wanted = Self.rounded(bytes)
    if let index = free.firstIndex(where: { $0.bytes >= wanted }) {
      let offset = free[index].offset
      free[index] = (offset + wanted, free[index].bytes - wanted)
      if free[index].bytes == 0 { free.remove(at: index) }
      return offset
    }
    size += wanted
    return size - wanted
  }

  mutating func release(_ offset: Int, _ bytes: Int) {
    free.append((offset, Self.rounded(bytes)))
    free.sort { $0.offset < $1.offset }
    var merged: [(offset: Int, bytes: Int)] = []
    for part in free {
      if let last = merged.last, last.offset + last.bytes == part.offset {
        merged[merged.count - 1].bytes += part.bytes
      } else {
        merged.append(part)
      }
    }
    free = merged
  }

  private static func rounded(_ bytes: Int) -> Int { (max(bytes, 1) + 63) / 64 * 64 }
}
