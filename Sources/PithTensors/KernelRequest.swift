/// What the compiler tells an operator when it asks for a `KernelPlan`: shapes are fixed by now.
public struct KernelRequest: Sendable {
  /// One value going in or out.
  public struct Operand: Sendable {
    public var dtype: DType
    public var shape: Shape
    /// How the value lies at this point of the program; outputs start out row-major.
    public var layout: Layout
    /// The value itself, where it is known before the program runs.
    public var constant: Tensor?

    public init(dtype: DType, shape: Shape, layout: Layout? = nil, constant: Tensor? = nil) {
      self.dtype = dtype
      self.shape = shape
      self.layout = layout ?? .plain(dtype, shape)
      self.constant = constant
    }
  }

  /// Nil where an optional input is absent.
  public var inputs: [Operand?]
  /// Nil where an optional output is not wanted.
  public var outputs: [Operand?]
  /// Whether the program learns: values are then read again by gradients, which should find them as
  /// they like them.
  public var isTraining = false

  public init(inputs: [Operand?], outputs: [Operand?]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The operand at `index`, which inference has already shown to be there.
  public func input(_ index: Int) throws(KernelError) -> Operand {
    guard index < inputs.count, let operand = inputs[index] else {
      throw .missingInput(index)
    }
    return operand
  }

  public func output(_ index: Int) throws(KernelError) -> Operand {
    guard index < outputs.count, let operand = outputs[index] else {
      throw .missingOutput(index)
    }
    return operand
  }

  public func hasInput(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }
  public func hasOutput(_ index: Int) -> Bool { index < outputs.count && outputs[index] != nil }

  /// Row-major layouts for all inputs, nil where absent.
  public var plainInputs: [Layout?] {
    inputs.map { $0.map { .plain($0.dtype, $0.shape) } }
  }

  /// Row-major layouts for all outputs, nil where absent.
  public var plainOutputs: [Layout?] {
    outputs.map { $0.map { .plain($0.dtype, $0.shape) } }
  }
}

/// Why no kernel could be made.
public enum KernelError: Error, Sendable, CustomStringConvertible {
  case missingInput(Int)
  case missingOutput(Int)
  /// The computation is legal but this build cannot do it (an element type, a rank, a mode).
  case unsupported(String)
  /// The kernels library refused: the primitive and its status.
  case library(primitive: String, status: String)

  public var description: String {
    switch self {
    case .missingInput(let index): "input \(index) is absent"
    case .missingOutput(let index): "output \(index) is absent"
    case .unsupported(let what): "not supported: \(what)"
    case .library(let primitive, let status): "oneDNN \(primitive): \(status)"
    }
  }
}
