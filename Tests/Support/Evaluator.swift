public import PithGraph
import PithKernels
public import PithTensors

/// Runs a graph node by node, each value in memory of its own: slow, simple, and independent of
/// the compiler, which it checks.
public struct Evaluator {
  /// Whether values stay in the arrangement their kernel made them in, instead of being brought
  /// back to row-major order after every node.
  public var keepsLayouts: Bool

  public init(keepsLayouts: Bool = false) { self.keepsLayouts = keepsLayouts }

  /// The graph's outputs for the given inputs, in order.
  public func run(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    let bound = try graph.binding(inputs: inputs.map { TensorType($0.dtype, $0.shape) })
    var values: [Value: Placed] = [:]
    for (value, tensor) in zip(bound.inputs, inputs) { values[value] = Placed(tensor) }
    for (value, tensor) in bound.weights { values[value] = Placed(tensor) }
    for node in bound.nodes { try run(node, bound, &values) }
    return try bound.outputs.map { value in
      guard let placed = values[value] else { throw EvaluationError.missing(bound.name(of: value)) }
      return try placed.rearranged(to: nil).tensor
    }
  }

  private func run(_ node: Node, _ graph: Graph, _ values: inout [Value: Placed]) throws {
    var request = KernelRequest(inputs: [], outputs: [])
    for input in node.inputs {
      guard let input else {
        request.inputs.append(nil)
        continue
      }
      guard let placed = values[input] else {
        throw EvaluationError.missing(graph.name(of: input))
      }
      var operand = placed.operand
      operand.constant = graph.fact(of: input)?.knownTensor
      request.inputs.append(operand)
    }
    for output in node.outputs {
      guard let output else {
        request.outputs.append(nil)
        continue
      }
      guard let type = graph.type(of: output), let shape = type.shape else {
        throw EvaluationError.missing(graph.name(of: output))
      }
      request.outputs.append(.init(dtype: type.dtype, shape: shape))
    }
    let plan: KernelPlan
    do {
      plan = try wideningPlan(request) { (request) throws(KernelError) in
        try node.operator.kernel(request)
      }
    } catch {
      throw GraphError.kernel(node: node.name, operator: node.operator.name, error)
    }
    let operands = zip(node.inputs, plan.inputs).map { input, layout in
      layout == nil ? nil : input.flatMap { values[$0] }
    }
    let results = try execute(plan, operands, request.outputs)
    for (output, result) in zip(node.outputs, results) {
      guard let output, let result else { continue }
      values[output] = keepsLayouts ? result : try result.rearranged(to: nil)
    }
  }

  private func execute(
    _ plan: KernelPlan, _ operands: [Placed?], _ outputs: [KernelRequest.Operand?]
  ) throws -> [Placed?] {
    let inputs = try zip(operands, plan.inputs).map { operand, layout in
      try operand.map { try Placed(copying: $0.rearranged(to: layout)) }
    }
    let results = zip(outputs, plan.outputs).enumerated().map { slot, output -> Placed? in
      guard let operand = output.0, let layout = output.1 else { return nil }
      if let sharing = plan.sharing.first(where: { $0.output == slot && $0.isRequired }) {
        var shared = inputs[sharing.input]
        shared?.operand = operand
        shared?.operand.layout = layout
        return shared
      }
      var placed = operand
      placed.layout = layout
      return Placed(placed)
    }
    let scratch = Memory(bytes: plan.scratchBytes)
    let run = try plan.bind(
      Buffers(
        inputs: inputs.map { $0?.memory.address }, outputs: results.map { $0?.memory.address },
        scratch: scratch.address))
    run()
    withExtendedLifetime((inputs, results, scratch)) {}
    return results
  }
}

public enum EvaluationError: Error {
  case missing(String)
}

/// Memory that is freed with its last owner. Filled with a pattern that is NaN in every
/// floating-point type, so that reading what was never written shows.
private final class Memory {
  let address: UnsafeMutableRawPointer

  init(bytes: Int) {
    address = .allocate(byteCount: max(bytes, 1), alignment: 64)
    address.initializeMemory(as: UInt8.self, repeating: 0xff, count: max(bytes, 1))
  }

  deinit { address.deallocate() }
}

/// A value in some arrangement.
private struct Placed {
  var operand: KernelRequest.Operand
  let memory: Memory

  init(_ operand: KernelRequest.Operand) {
    self.operand = operand
    memory = Memory(bytes: operand.layout.bytes)
  }

  init(_ tensor: Tensor) {
    self.init(KernelRequest.Operand(dtype: tensor.dtype, shape: tensor.shape))
    tensor.readBytes { bytes in
      if let base = bytes.baseAddress {
        memory.address.copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  init(copying other: Placed) throws {
    self.init(other.operand)
    memory.address.copyMemory(
      from: other.memory.address, byteCount: other.operand.layout.bytes)
  }

  var tensor: Tensor {
    Tensor(
      operand.dtype, operand.shape,
      bytes: UnsafeRawBufferPointer(start: memory.address, count: operand.layout.bytes))!
  }

  /// Whether this is what a kernel keeps for its gradient, which only that understands.
  private var isReserve: Bool {
    operand.dtype == .uint8 && operand.shape == [1] && !operand.layout.isPlain
  }

  /// The same elements in another arrangement, nil for row-major.
  func rearranged(to layout: Layout?) throws -> Placed {
    let target = layout ?? .plain(operand.dtype, operand.shape)
    if operand.layout == target || isReserve { return self }
    let request = KernelRequest(inputs: [operand], outputs: [operand])
    let plan = try reorderKernel(request, to: target.isPlain ? nil : target)
    var moved = operand
    moved.layout = target
    let result = Placed(moved)
    let scratch = Memory(bytes: plan.scratchBytes)
    let run = try plan.bind(
      Buffers(
        inputs: [memory.address], outputs: [result.memory.address], scratch: scratch.address))
    run()
    withExtendedLifetime(scratch) {}
    return result
  }
}
