public import PithTensors

/// The plan that `kernel` gives; where it cannot do numbers of another precision than float32, the
/// plan for the same computation in float32 between conversions.
///
/// Only inputs and outputs of type float16, bfloat16 and float64 are converted, and only if one of
/// them is an input: what an operator makes of a type that it alone knows of stays its own.
public func wideningPlan(
  _ request: KernelRequest,
  _ kernel: (KernelRequest) throws(KernelError) -> KernelPlan
) throws(KernelError) -> KernelPlan {
  do {
    return try kernel(request)
  } catch {
    guard request.inputs.contains(where: { $0?.dtype.isWidened ?? false }) else { throw error }
    let wide = KernelRequest(
      inputs: request.inputs.map { $0?.widened }, outputs: request.outputs.map { $0?.widened })
    guard let plan = try? kernel(wide) else { throw error }
    return try Widening(request, wide, plan).plan
  }
}

extension DType {
  fileprivate var isWidened: Bool { isFloatingPoint && self != .float32 }
}

extension KernelRequest.Operand {
  /// The operand in float32, row-major; itself where it is not widened.
  fileprivate var widened: KernelRequest.Operand {
    guard dtype.isWidened else { return self }
    return .init(dtype: .float32, shape: shape, constant: constant?.converted(to: .float32))
  }
}

/// A float32 plan between conversions, which pass through scratch memory.
private struct Widening {
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

  /// One kernel with the places that it works on.
  private struct Stage {
    let plan: KernelPlan
    let inputs: [Place?]
    let outputs: [Place?]
    let scratch: Place

    func bind(_ buffers: Buffers) throws(KernelError) -> () -> Void {
      try plan.bind(
        Buffers(
          inputs: inputs.map { $0?.address(buffers) },
          outputs: outputs.map { $0?.address(buffers) },
          scratch: scratch.address(buffers)))
    }
  }

  private var stages: [Stage] = []
  private var scratchBytes = 0
  private(set) var plan: KernelPlan

  init(_ request: KernelRequest, _ wide: KernelRequest, _ inner: KernelPlan) throws(KernelError) {
    plan = inner
    var inputs: [Place?] = []
    for (index, layout) in inner.inputs.enumerated() {
      guard let layout, let narrow = request.inputs[index], let operand = wide.inputs[index],
        narrow.dtype.isWidened
      else {
        inputs.append(.input(index))
        continue
      }
      let isOverwritten = inner.sharing.contains { $0.isRequired && $0.input == index }
      if let constant = operand.constant, !isOverwritten {
        plan.inputs[index] = nil
        inputs.append(.constant(try Self.arranged(constant, operand, layout)))
        continue
      }
      plan.inputs[index] = .plain(narrow.dtype, narrow.shape)
      inputs.append(try bring(.input(index), narrow, to: operand, layout))
    }
    var outputs: [Place?] = []
    var results: [(place: Place, index: Int, layout: Layout)] = []
    for (index, layout) in inner.outputs.enumerated() {
      guard let layout, let narrow = request.outputs[index], narrow.dtype.isWidened else {
        outputs.append(.output(index))
        continue
      }
      plan.outputs[index] = .plain(narrow.dtype, narrow.shape)
      let shared = inner.sharing.first { $0.isRequired && $0.output == index }
      let place = shared.flatMap { inputs[$0.input] } ?? reserve(layout.bytes)
      outputs.append(place)
      results.append((place, index, layout))
    }
    plan.sharing = inner.sharing.filter { sharing in
      !results.contains { $0.index == sharing.output }
        && request.inputs[sharing.input]?.dtype.isWidened != true
    }
    add(inner, inputs, outputs)
    for result in results {
      guard let narrow = request.outputs[result.index], let operand = wide.outputs[result.index]
      else { continue }
      try take(result.place, operand, result.layout, to: .output(result.index), narrow)
    }
    plan.scratchBytes = scratchBytes
    plan.implementation = "float32:" + inner.implementation
    let stages = stages
    plan.bind = { (buffers) throws(KernelError) in
      var runs: [() -> Void] = []
      for stage in stages { runs.append(try stage.bind(buffers)) }
      // Constants live as long as the closure.
      return { withExtendedLifetime(stages) { for run in runs { run() } } }
    }
  }

  /// A constant in the layout that a kernel wants, brought there once.
  private static func arranged(
    _ constant: Tensor, _ operand: KernelRequest.Operand, _ layout: Layout
  ) throws(KernelError) -> Tensor {
    if layout.isPlain { return constant }
    let plan = try reorderKernel(KernelRequest(inputs: [operand], outputs: [operand]), to: layout)
    var result = Tensor(.uint8, [layout.bytes])
    result.updateBytes { _ in }
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(plan.scratchBytes, 1), alignment: 64)
    defer { scratch.deallocate() }
    let run = try plan.bind(
      Buffers(
        inputs: [UnsafeMutableRawPointer(mutating: constant.stableAddress)],
        outputs: [UnsafeMutableRawPointer(mutating: result.stableAddress)], scratch: scratch))
    run()
    return result
  }

  private mutating func reserve(_ bytes: Int) -> Place {
    let offset = scratchBytes
    scratchBytes += (bytes + 63) / 64 * 64
    return .scratch(offset)
  }

  private mutating func add(_ plan: KernelPlan, _ inputs: [Place?], _ outputs: [Place?]) {
    let scratch = reserve(plan.scratchBytes)
    stages.append(Stage(plan: plan, inputs: inputs, outputs: outputs, scratch: scratch))
  }

  /// Converts an input, and re-orders it where the kernel wants it in another layout.
  private mutating func bring(
    _ place: Place, _ narrow: KernelRequest.Operand, to wide: KernelRequest.Operand,
    _ layout: Layout
  ) throws(KernelError) -> Place {
    var source = narrow
    source.layout = .plain(narrow.dtype, narrow.shape)
    let plain = reserve(wide.layout.bytes)
    add(
      try conversionKernel(KernelRequest(inputs: [source], outputs: [wide])), [place], [plain])
    if layout.isPlain { return plain }
    let ordered = reserve(layout.bytes)
    let request = KernelRequest(inputs: [wide], outputs: [wide])
    add(try reorderKernel(request, to: layout), [plain], [ordered])
    return ordered
  }

  /// Brings a result back to row-major order and to its own type.
  private mutating func take(
    _ place: Place, _ wide: KernelRequest.Operand, _ layout: Layout, to target: Place,
    _ narrow: KernelRequest.Operand
  ) throws(KernelError) {
    var plain = place
    if !layout.isPlain {
      plain = reserve(wide.layout.bytes)
      var operand = wide
      operand.layout = layout
      let request = KernelRequest(inputs: [operand], outputs: [wide])
      add(try reorderKernel(request, to: nil), [place], [plain])
    }
    add(
      try conversionKernel(KernelRequest(inputs: [wide], outputs: [narrow])), [plain], [target])
  }
}
