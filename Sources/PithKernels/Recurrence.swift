import CDNNL
import CPithKernels
public import PithTensors

/// A recurrent layer: what one step computes, and in which directions it runs.
public struct Recurrence: Sendable, Hashable {
  public enum Cell: Sendable, Hashable {
    case simple
    /// With `linearBeforeReset` the reset gate works on the product with the state, not the state.
    case gatedUnit(linearBeforeReset: Bool)
    /// With `couplesGates` the forget gate is one less the input gate.
    case longShortTerm(couplesGates: Bool)

    /// Gates, whose parameters lie one behind the other.
    public var gateCount: Int {
      switch self {
      case .simple: 1
      case .gatedUnit: 3
      case .longShortTerm: 4
      }
    }
  }

  /// The function of a gate.
  public enum Gate: Sendable, Hashable {
    case sigmoid, tanh, relu, softsign, softplus
    /// a x + b
    case affine(Float, Float)
    case leakyRelu(Float)
    case thresholdedRelu(Float)
    /// a tanh(b x)
    case scaledTanh(Float, Float)
    /// a x + b within 0...1
    case hardSigmoid(Float, Float)
    case elu(Float)

    fileprivate var kernel: pith_gate {
      switch self {
      case .sigmoid: pith_gate(function: PITH_GATE_SIGMOID, a: 0, b: 0)
      case .tanh: pith_gate(function: PITH_GATE_TANH, a: 0, b: 0)
      case .relu: pith_gate(function: PITH_GATE_RELU, a: 0, b: 0)
      case .softsign: pith_gate(function: PITH_GATE_SOFTSIGN, a: 0, b: 0)
      case .softplus: pith_gate(function: PITH_GATE_SOFTPLUS, a: 0, b: 0)
      case .affine(let a, let b): pith_gate(function: PITH_GATE_AFFINE, a: a, b: b)
      case .leakyRelu(let a): pith_gate(function: PITH_GATE_LEAKY_RELU, a: a, b: 0)
      case .thresholdedRelu(let a): pith_gate(function: PITH_GATE_THRESHOLDED, a: a, b: 0)
      case .scaledTanh(let a, let b): pith_gate(function: PITH_GATE_SCALED_TANH, a: a, b: b)
      case .hardSigmoid(let a, let b): pith_gate(function: PITH_GATE_HARD_SIGMOID, a: a, b: b)
      case .elu(let a): pith_gate(function: PITH_GATE_ELU, a: a, b: 0)
      }
    }
  }

  public enum Direction: String, Sendable, CaseIterable {
    case forward, reverse, bidirectional
    public var count: Int { self == .bidirectional ? 2 : 1 }
  }

  public var cell: Cell
  public var direction: Direction
  /// For each direction the functions of its gates and states: as many as the cell has, up to 3.
  public var gates: [[Gate]]
  /// Bound of what goes into a gate's function; nil for none.
  public var clip: Float?
  /// Whether the batch comes before the time: x (N, T, I), y (N, T, D, H), states (N, D, H).
  public var isBatchFirst: Bool

  public init(
    _ cell: Cell, direction: Direction = .forward, gates: [[Gate]], clip: Float? = nil,
    isBatchFirst: Bool = false
  ) {
    self.cell = cell
    self.direction = direction
    self.gates = gates
    self.clip = clip
    self.isBatchFirst = isBatchFirst
  }

  /// Inputs: x (T, N, I), weights (D, G H, I), recurrent weights (D, G H, H), biases (D, 2 G H),
  /// lengths (N, int32), first states and cells (D, N, H), peepholes (D, 3 H); all but the first
  /// three may be absent. Outputs: y (T, D, N, H), last states and cells.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let layer = try description(request)
    var plain = KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:recurrence"
    ) { buffers in
      let inputs = Self.inputs(buffers)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      let outputs = pith_recurrence_outputs(
        y: Self.place(buffers.outputs, 0), h: Self.place(buffers.outputs, 1),
        c: Self.place(buffers.outputs, 2))
      return {
        withUnsafePointer(to: layer) { layer in
          withUnsafePointer(to: inputs) { inputs in
            withUnsafePointer(to: outputs) {
              pith_recurrence_forward(layer, inputs, $0, scratch)
            }
          }
        }
      }
    }
    plain.scratchBytes = try scratch(layer, backward: false)
    return plain
  }

  /// Inputs: those of the layer (eight places), then the gradients of its three outputs, absent
  /// where none reaches them. Outputs: the gradients of x, weights, recurrent weights, biases,
  /// first states and cells, and peepholes, where wanted.
  public func gradientKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let layer = try description(request)
    var plan = KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:recurrence"
    ) { buffers in
      let inputs = Self.inputs(buffers)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      let upstream = pith_recurrence_outputs(
        y: Self.place(buffers.inputs, 8), h: Self.place(buffers.inputs, 9),
        c: Self.place(buffers.inputs, 10))
      let gradients = pith_recurrence_gradients(
        x: Self.place(buffers.outputs, 0), w: Self.place(buffers.outputs, 1),
        r: Self.place(buffers.outputs, 2), b: Self.place(buffers.outputs, 3),
        h: Self.place(buffers.outputs, 4), c: Self.place(buffers.outputs, 5),
        peepholes: Self.place(buffers.outputs, 6))
      return {
        withUnsafePointer(to: layer) { layer in
          withUnsafePointer(to: inputs) { inputs in
            withUnsafePointer(to: upstream) { upstream in
              withUnsafePointer(to: gradients) {
                pith_recurrence_backward(layer, inputs, upstream, $0, scratch)
              }
            }
          }
        }
      }
    }
    plan.scratchBytes = try scratch(layer, backward: true)
    return plan
  }

  private static func place(_ buffers: [UnsafeMutableRawPointer?], _ index: Int)
    -> UnsafeMutablePointer<Float>?
  {
    index < buffers.count ? buffers[index]?.assumingMemoryBound(to: Float.self) : nil
  }

  private static func inputs(_ buffers: Buffers) -> pith_recurrence_inputs {
    func floats(_ index: Int) -> UnsafePointer<Float>? {
      place(buffers.inputs, index).map { UnsafePointer($0) }
    }
    let lengths = buffers.inputs.count > 4 ? buffers.inputs[4] : nil
    return pith_recurrence_inputs(
      x: floats(0), w: floats(1), r: floats(2), b: floats(3),
      lengths: lengths.map { UnsafePointer($0.assumingMemoryBound(to: Int32.self)) },
      h: floats(5), c: floats(6), peepholes: floats(7))
  }

  private func scratch(_ layer: pith_recurrence, backward: Bool) throws(KernelError) -> Int {
    withUnsafePointer(to: layer) { pith_recurrence_scratch($0, backward ? 1 : 0) }
      * MemoryLayout<Float>.stride
  }

  private func description(_ request: KernelRequest) throws(KernelError) -> pith_recurrence {
    let (x, r) = (try request.input(0), try request.input(2))
    for (index, operand) in request.inputs.enumerated() {
      guard let operand, index != 4 else { continue }
      guard operand.dtype == .float32 else {
        throw .unsupported("\(operand.dtype.rawValue) elements")
      }
    }
    var layer = pith_recurrence()
    switch cell {
    case .simple: layer.cell = PITH_CELL_RNN
    case .gatedUnit(let linear):
      layer.cell = PITH_CELL_GRU
      layer.linear_before_reset = linear ? 1 : 0
    case .longShortTerm(let couples):
      layer.cell = PITH_CELL_LSTM
      layer.couples_gates = couples ? 1 : 0
    }
    layer.batch_first = isBatchFirst ? 1 : 0
    layer.clip = clip ?? .infinity
    layer.steps = x.shape[isBatchFirst ? 1 : 0]
    layer.batch = x.shape[isBatchFirst ? 0 : 1]
    layer.input = x.shape[2]
    layer.hidden = r.shape[2]
    layer.directions = direction.count
    layer.reversed = direction == .reverse ? (1, 1) : (0, 1)
    layer.product = matrixProduct
    withUnsafeMutableBytes(of: &layer.gates) { bytes in
      let places = bytes.bindMemory(to: pith_gate.self)
      for (direction, gates) in gates.prefix(2).enumerated() {
        for (index, gate) in gates.prefix(3).enumerated() {
          places[direction * 3 + index] = gate.kernel
        }
      }
    }
    return layer
  }
}

/// The library's matrix product; a sum of no terms is zero.
let matrixProduct: pith_product = {
  transposesA, transposesB, m, n, k, a, lda, b, ldb, beta, c, ldc in
  guard m > 0, n > 0 else { return }
  guard k > 0 else {
    if beta == 0 {
      for row in 0..<m { for column in 0..<n { c?[row * ldc + column] = 0 } }
    }
    return
  }
  let (letterT, letterN) = (CChar(0x54), CChar(0x4e))
  dnnl_sgemm(
    transposesA != 0 ? letterT : letterN, transposesB != 0 ? letterT : letterN, dnnl_dim_t(m),
    dnnl_dim_t(n), dnnl_dim_t(k), 1, a, dnnl_dim_t(lda), b, dnnl_dim_t(ldb), beta, c,
    dnnl_dim_t(ldc))
}
