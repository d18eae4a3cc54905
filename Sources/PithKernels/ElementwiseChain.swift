import CPithKernels
public import PithTensors

/// Elementwise functions one after another in one pass over memory.
public struct ElementwiseChain: Sendable, Hashable {
  /// What a step does with its operands.
  public enum Function: Sendable, Hashable {
    case binary(BinaryFunction)
    case activation(Activation)
    /// The first operand times the derivative of a function at the second, or `fromOutput` where it
    /// has the second as its value.
    case slope(Activation, fromOutput: Bool)
    case errorFunction
  }

  public struct Step: Sendable, Hashable {
    public var function: Function
    /// One or two: inputs, from 0 on, and after them the results of earlier steps.
    public var operands: [Int]

    public init(_ function: Function, _ operands: [Int]) {
      self.function = function
      self.operands = operands
    }
  }

  public var inputCount: Int
  /// The last one's result is the chain's.
  public var steps: [Step]

  public init(inputCount: Int, steps: [Step]) {
    self.inputCount = inputCount
    self.steps = steps
  }

  /// Whether a chain of so many is not too long.
  public static func fits(inputs: Int, steps: Int) -> Bool {
    inputs <= PITH_CHAIN_INPUTS && steps <= PITH_CHAIN_STEPS
  }

  /// Whether a function can be a step.
  public static func supports(_ function: Function) -> Bool { kernel(function) != nil }

  /// Whether an operand can be read as one stretched to the result: like it, a single number, or
  /// one whose axes longer than one are neighbours.
  public static func stretches(_ operand: Shape, to result: Shape) -> Bool {
    stretch(operand, to: result) != nil
  }

  private static func stretch(_ operand: Shape, to result: Shape) -> pith_chain_input? {
    guard operand.rank <= result.rank else { return nil }
    let extents = operand.padded(to: result.rank).dimensions
    let axes = extents.indices.filter { extents[$0] != 1 }
    guard let first = axes.first, let last = axes.last else {
      return pith_chain_input(run: max(result.count, 1), count: 1)
    }
    guard (first...last).allSatisfy({ extents[$0] == result[$0] }) else { return nil }
    return pith_chain_input(
      run: result.dimensions[(last + 1)...].reduce(1, *),
      count: extents[first...last].reduce(1, *))
  }

  private static func kernel(_ function: Function) -> (pith_chain_function, Float, Float)? {
    switch function {
    case .binary(let function): (kernel(function), 0, 0)
    case .errorFunction: (PITH_CHAIN_ERROR, 0, 0)
    case .activation(let function): kernel(function)
    case .slope(let function, fromOutput: true):
      switch function {
      case .relu: (PITH_CHAIN_CLIP_SLOPE, 0, .infinity)
      case .clip(let low, let high): (PITH_CHAIN_CLIP_SLOPE, low, high)
      case .sigmoid: (PITH_CHAIN_SIGMOID_SLOPE, 0, 0)
      case .tanh: (PITH_CHAIN_TANGENT_SLOPE, 0, 0)
      case .exp: (PITH_CHAIN_EXPONENTIAL_SLOPE, 0, 0)
      case .sqrt: (PITH_CHAIN_ROOT_SLOPE, 0, 0)
      default: nil
      }
    case .slope(let function, fromOutput: false):
      switch function {
      case .relu: (PITH_CHAIN_CLIP_SLOPE, 0, .infinity)
      case .leakyRelu(let slope): (PITH_CHAIN_LEAKY_RELU_SLOPE, slope, 0)
      case .hardSwish(let alpha, let beta): (PITH_CHAIN_HARD_SWISH_SLOPE, alpha, beta)
      default: nil
      }
    }
  }

  private static func kernel(_ function: BinaryFunction) -> pith_chain_function {
    switch function {
    case .add: PITH_CHAIN_ADD
    case .subtract: PITH_CHAIN_SUBTRACT
    case .multiply: PITH_CHAIN_MULTIPLY
    case .divide: PITH_CHAIN_DIVIDE
    case .minimum: PITH_CHAIN_MINIMUM
    case .maximum: PITH_CHAIN_MAXIMUM
    }
  }

  private static func kernel(_ function: Activation) -> (pith_chain_function, Float, Float)? {
    switch function {
    case .relu: (PITH_CHAIN_CLIP, 0, .infinity)
    case .leakyRelu(let slope): (PITH_CHAIN_LEAKY_RELU, slope, 0)
    case .clip(let low, let high): (PITH_CHAIN_CLIP, low, high)
    case .linear(let scale, let shift): (PITH_CHAIN_LINEAR, scale, shift)
    case .abs: (PITH_CHAIN_ABSOLUTE, 0, 0)
    case .square: (PITH_CHAIN_SQUARE, 0, 0)
    case .sqrt: (PITH_CHAIN_ROOT, 0, 0)
    case .power(scale: 1, exponent: -1): (PITH_CHAIN_RECIPROCAL, 0, 0)
    case .hardSigmoid(let alpha, let beta): (PITH_CHAIN_HARD_SIGMOID, alpha, beta)
    case .hardSwish(let alpha, let beta): (PITH_CHAIN_HARD_SWISH, alpha, beta)
    case .exp: (PITH_CHAIN_EXPONENTIAL, 0, 0)
    case .sigmoid: (PITH_CHAIN_SIGMOID, 0, 0)
    case .swish(let alpha): (PITH_CHAIN_SWISH, alpha, 0)
    case .tanh: (PITH_CHAIN_TANGENT, 0, 0)
    case .geluErf: (PITH_CHAIN_GELU, 0, 0)
    default: nil
    }
  }

  /// Output 0 is the chain's result for the inputs, in the layout of the first input that lies in
  /// blocks and has the result's shape, where the others are like it or single numbers.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let result = try request.output(0)
    let layout = try layout(request, result)
    var chain = pith_chain()
    chain.count = layout.bytes / MemoryLayout<Float>.stride
    chain.input_count = Int32(inputCount)
    chain.step_count = Int32(steps.count)
    var inputs: [Layout?] = []
    var sharing: [KernelPlan.Sharing] = []
    for index in 0..<inputCount {
      let operand = try request.input(index)
      guard operand.dtype == .float32,
        var input = Self.stretch(operand.shape, to: result.shape)
      else { throw .unsupported("a chain of functions of \(operand.dtype.rawValue) elements") }
      let isLike = operand.shape == result.shape
      if isLike {
        input = pith_chain_input(run: 1, count: chain.count)
        sharing.append(.init(input: index, output: 0))
      } else if input.count == 1 {
        input.run = chain.count
      }
      inputs.append(isLike ? layout : .plain(operand.dtype, operand.shape))
      withUnsafeMutableBytes(of: &chain.inputs) {
        $0.bindMemory(to: pith_chain_input.self)[index] = input
      }
    }
    for (index, step) in steps.enumerated() {
      guard let (function, a, b) = Self.kernel(step.function), let first = step.operands.first,
        let last = step.operands.last
      else { throw .unsupported("a step of a chain of functions") }
      withUnsafeMutableBytes(of: &chain.steps) {
        $0.bindMemory(to: pith_chain_step.self)[index] = pith_chain_step(
          function: function, x: Int32(first), y: Int32(last), a: a, b: b)
      }
    }
    let isEmpty = chain.count == 0
    return KernelPlan(
      inputs: inputs, outputs: [layout], sharing: sharing, implementation: "c:chain"
    ) { buffers in
      var chain = chain
      let sources = buffers.inputs.map {
        $0.map { UnsafePointer($0.assumingMemoryBound(to: Float.self)) }
      }
      let output = buffers.output(0, as: Float.self)
      return { if !isEmpty { pith_chain_run(&chain, sources, output) } }
    }
  }

  private func layout(_ request: KernelRequest, _ result: KernelRequest.Operand)
    throws(KernelError) -> Layout
  {
    let plain = Layout.plain(result.dtype, result.shape)
    let operands = try (0..<inputCount).map { (index) throws(KernelError) in
      try request.input(index)
    }
    guard operands.allSatisfy({ $0.shape == result.shape || $0.shape.count == 1 }),
      let blocked = operands.first(where: { $0.shape == result.shape && !$0.layout.isPlain }),
      let blocking = blocked.layout.blocking, blocking is MemoryDescriptor,
      !blocking.isPadded || keepsZero(operands, result.shape)
    else { return plain }
    return blocked.layout
  }

  /// Whether zeros stay zeros, so that the padding of a blocked layout does.
  private func keepsZero(_ operands: [KernelRequest.Operand], _ shape: Shape) -> Bool {
    var isZero = operands.map { $0.shape == shape }
    for step in steps {
      let zeros = step.operands.map { isZero[$0] }
      switch step.function {
      case .binary(.multiply): isZero.append(zeros.contains(true))
      case .binary(.divide): isZero.append(zeros == [true, false])
      case .binary: isZero.append(!zeros.contains(false))
      case .activation(let function): isZero.append(zeros[0] && function.keepsZero)
      case .slope(let function, _): isZero.append(zeros[0] && function != .sqrt)
      case .errorFunction: isZero.append(zeros[0])
      }
    }
    return isZero.last ?? false
  }
}
