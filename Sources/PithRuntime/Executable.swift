import Foundation
public import PithGraph
import PithKernels
public import PithTensors

/// A graph compiled for fixed shapes: compiled once, run many times without allocating.
///
/// Weights that the graph updates are state: they keep their values, in the layout their first user
/// wanted, from run to run, and are read and set in row-major order by `state(of:)`.
///
/// A network whose samples do not depend on each other runs on a few of them at a time, so that what
/// its layers hand on stays in the caches.
public final class Executable {
  public let graph: Graph
  public private(set) var steps: [Step] = []
  /// Bytes of the one block that all intermediate values share.
  public let arenaBytes: Int
  private let arena: UnsafeMutableRawPointer
  /// Parts of the batch that the program runs on one after the other.
  private let slices: Int
  /// All samples of each input and output, where there are several parts.
  private var wholeInputs: [UnsafeMutableRawBufferPointer] = []
  private var wholeOutputs: [UnsafeMutableRawBufferPointer] = []
  private let program: Program
  private var addresses: [UnsafeMutableRawPointer?] = []
  private var owned: [UnsafeMutableRawPointer] = []
  private var calls: [() -> Void] = []

  /// Compiles a graph after tidying it: what is constant is computed now, normalisation is folded
  /// into weights, activations and residual sums are fused with the kernels before them.
  ///
  /// - Parameters:
  ///   - sizes: sizes for the graph's named dimensions.
  ///   - integers: what the layers of a quantized network are computed with.
  ///   - sparse: how layers whose weights are mostly zeros are computed.
  public convenience init(
    _ graph: Graph, binding sizes: [String: Int] = [:], integers: IntegerArithmetic = .exact,
    sparse: SparseExecution = .dense
  ) throws(GraphError) {
    let bound = sizes.isEmpty ? graph : try graph.binding(sizes)
    guard let (part, count) = bound.sliced() else {
      try self.init(compiling: try bound.optimized(integers: integers, sparse: sparse))
      return
    }
    try self.init(
      try part.optimized(integers: integers, sparse: sparse), of: bound, slices: count)
  }

  /// The bytes that a graph's intermediate values would share, before any are taken.
  public static func arenaBytes(of graph: Graph) throws(GraphError) -> Int {
    try Program((graph.sliced()?.graph ?? graph).optimized()).memoryPlan.totalBytes
  }

  /// Compiles a graph as it stands.
  package convenience init(compiling graph: Graph) throws(GraphError) {
    try self.init(graph, of: graph, slices: 1)
  }

  /// - Parameters:
  ///   - part: what is compiled, as it stands.
  ///   - whole: the network for the whole batch.
  private init(_ part: Graph, of whole: Graph, slices: Int) throws(GraphError) {
    graph = whole
    self.slices = slices
    let program = try Program(part)
    self.program = program
    let arenaBuffers = program.arenaBuffers
    try Self.checkMemory(arenaBuffers.map { program.buffers[$0].bytes }.max() ?? 0)
    let plan = program.memoryPlan
    arenaBytes = plan.totalBytes
    try Self.checkMemory(arenaBytes)
    arena = .allocate(byteCount: max(arenaBytes, 1), alignment: 4096)
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: max(arenaBytes, 1))
    addresses = [UnsafeMutableRawPointer?](repeating: nil, count: program.buffers.count)
    for (index, offset) in zip(arenaBuffers, plan.offsets) { addresses[index] = arena + offset }
    try placeWeights()
    try bind()
    guard slices > 1 else { return }
    wholeInputs = whole.inputs.indices.map { memory(for: program.inputBuffers[$0]) }
    wholeOutputs = whole.outputs.indices.map { memory(for: program.outputBuffers[$0]) }
  }

  /// Zeros for all samples of what a buffer holds those of one part of.
  private func memory(for buffer: Int) -> UnsafeMutableRawBufferPointer {
    let count = program.buffers[buffer].bytes * slices
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    owned.append(pointer)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    return UnsafeMutableRawBufferPointer(start: pointer, count: count)
  }

  private static func checkMemory(_ bytes: Int) throws(GraphError) {
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard bytes <= memory else {
      throw .invalid(
        "its values take \(bytes >> 20) MiB or more and this machine has \(memory >> 20) MiB: use a "
          + "smaller batch or input")
    }
  }

  deinit {
    calls = []
    steps = []
    arena.deallocate()
    for pointer in owned { pointer.deallocate() }
  }

  private func placeWeights() throws(GraphError) {
    for (index, buffer) in program.buffers.enumerated() {
      switch buffer.origin {
      case .arena: break
      case .constant(let tensor):
        addresses[index] = UnsafeMutableRawPointer(mutating: tensor.stableAddress)
      case .state(let value):
        let pointer = UnsafeMutableRawPointer.allocate(
          byteCount: max(buffer.bytes, 1), alignment: 64)
        owned.append(pointer)
        addresses[index] = pointer
        if let tensor = graph.weights[value] { try setState(of: value, tensor) }
      }
    }
  }

  private func bind() throws(GraphError) {
    for call in program.calls {
      let buffers = Buffers(
        inputs: call.inputs.map { $0.flatMap { addresses[$0] } },
        outputs: call.outputs.map { $0.flatMap { addresses[$0] } },
        scratch: call.scratch.flatMap { addresses[$0] })
      var step = call.step.repeated(slices)
      do { step.run = try call.plan.bind(buffers) } catch {
        throw .kernel(node: step.name, operator: step.operatorName, error)
      }
      steps.append(step)
      calls.append(step.run)
    }
  }

  // MARK: - Running

  /// Runs on the given inputs, in the order of the graph's, and gives its outputs.
  public func run(_ inputs: [Tensor]) throws(GraphError) -> [Tensor] {
    guard inputs.count == graph.inputs.count else {
      throw .invalid("\(inputs.count) inputs given, the network has \(graph.inputs.count)")
    }
    for (index, tensor) in inputs.enumerated() { try setInput(index, tensor) }
    execute()
    return graph.outputs.indices.map(output)
  }

  /// Copies a tensor to where the network reads its input.
  public func setInput(_ index: Int, _ tensor: Tensor) throws(GraphError) {
    let name = graph.name(of: graph.inputs[index])
    guard let type = graph.type(of: graph.inputs[index]), type.dtype == tensor.dtype,
      type.shape == tensor.shape
    else {
      let expected = graph.type(of: graph.inputs[index])?.description ?? "?"
      throw .invalid(
        "input '\(name)' is \(tensor.dtype.rawValue)[\(tensor.shape)], expected \(expected)")
    }
    tensor.readBytes { bytes in
      if let base = bytes.baseAddress {
        inputBytes(index).baseAddress?.copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  /// Where an input is read from; to be filled before each `execute()`.
  public func inputBytes(_ index: Int) -> UnsafeMutableRawBufferPointer {
    if slices > 1 { return wholeInputs[index] }
    let buffer = program.inputBuffers[index]
    return UnsafeMutableRawBufferPointer(
      start: addresses[buffer], count: program.buffers[buffer].bytes)
  }

  /// Runs on what the input memory holds.
  public func execute() {
    Threads.flushingDenormals {
      for slice in 0..<slices {
        takeInputs(slice)
        for call in calls { call() }
        giveOutputs(slice)
      }
    }
  }

  private func takeInputs(_ slice: Int) {
    for (index, whole) in wholeInputs.enumerated() {
      let count = whole.count / slices
      guard count > 0, let from = whole.baseAddress else { continue }
      addresses[program.inputBuffers[index]]?.copyMemory(
        from: from + slice * count, byteCount: count)
    }
  }

  private func giveOutputs(_ slice: Int) {
    for (index, whole) in wholeOutputs.enumerated() {
      let count = whole.count / slices
      guard count > 0, let to = whole.baseAddress,
        let from = addresses[program.outputBuffers[index]]
      else { continue }
      (to + slice * count).copyMemory(from: from, byteCount: count)
    }
  }

  /// A copy of an output of the last run.
  public func output(_ index: Int) -> Tensor {
    let type = graph.type(of: graph.outputs[index])!
    return Tensor(type.dtype, type.shape!, bytes: outputBytes(index))!
  }

  /// An output of the last run, valid until the next.
  public func outputBytes(_ index: Int) -> UnsafeRawBufferPointer {
    if slices > 1 { return UnsafeRawBufferPointer(wholeOutputs[index]) }
    let value = graph.outputs[index]
    let type = graph.type(of: value)!
    return UnsafeRawBufferPointer(
      start: addresses[program.outputBuffers[index]],
      count: type.dtype.bytes(for: type.shape!.count))
  }

  /// Calls `report` with each step and the nanoseconds it took.
  public func execute(timing report: (Int, UInt64) -> Void) {
    var times = [UInt64](repeating: 0, count: calls.count)
    Threads.flushingDenormals {
      for slice in 0..<slices {
        takeInputs(slice)
        for (index, call) in calls.enumerated() {
          let start = DispatchTime.now().uptimeNanoseconds
          call()
          times[index] += DispatchTime.now().uptimeNanoseconds - start
        }
        giveOutputs(slice)
      }
    }
    for (index, time) in times.enumerated() { report(index, time) }
  }

  // MARK: - State

  /// The current value of a weight that the graph updates, in row-major order.
  public func state(of value: Value) throws(GraphError) -> Tensor {
    guard let (variant, type, address) = stateMemory(value) else {
      return graph.weights[value] ?? Tensor(.float32, [0])
    }
    var result = Tensor(type.dtype, type.shape!, zeroed: false)
    result.updateBytes { _ in }
    try move(
      type, from: variant.layout, UnsafeMutableRawPointer(mutating: address), to: nil,
      UnsafeMutableRawPointer(mutating: result.stableAddress))
    return result
  }

  /// Sets the value of a weight that the graph updates.
  public func setState(of value: Value, _ tensor: Tensor) throws(GraphError) {
    guard let (variant, type, address) = stateMemory(value) else { return }
    guard type.dtype == tensor.dtype, type.shape == tensor.shape else {
      throw .invalid("weight '\(graph.name(of: value))' cannot take a value of another type")
    }
    address.initializeMemory(as: UInt8.self, repeating: 0, count: variant.layout.bytes)
    try move(
      type, from: nil, UnsafeMutableRawPointer(mutating: tensor.stableAddress),
      to: variant.layout, address)
  }

  private func stateMemory(_ value: Value) -> (
    Program.Variant, TensorType, UnsafeMutableRawPointer
  )? {
    guard let variant = program.variants[value]?.first, let type = graph.type(of: value),
      case .state = program.buffers[variant.buffer].origin,
      let address = addresses[variant.buffer]
    else { return nil }
    return (variant, type, address)
  }

  private func move(
    _ type: TensorType, from: Layout?, _ source: UnsafeMutableRawPointer, to: Layout?,
    _ target: UnsafeMutableRawPointer
  ) throws(GraphError) {
    let operand = KernelRequest.Operand(dtype: type.dtype, shape: type.shape!, layout: from)
    let wanted = to.flatMap { $0.isPlain ? nil : $0 }
    if operand.layout.isPlain && wanted == nil {
      target.copyMemory(from: source, byteCount: operand.layout.bytes)
      return
    }
    do {
      let plan = try reorderKernel(
        KernelRequest(inputs: [operand], outputs: [operand]), to: wanted)
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: max(plan.scratchBytes, 1), alignment: 64)
      defer { scratch.deallocate() }
      try plan.bind(Buffers(inputs: [source], outputs: [target], scratch: scratch))()
    } catch {
      throw .kernel(node: "state", operator: "re-order", error)
    }
  }
}
