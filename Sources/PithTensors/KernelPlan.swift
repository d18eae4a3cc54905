/// What a kernel needs before it can run, and how to make it ready.
///
/// The compiler asks each operator for a plan, telling it how its inputs lie; the plan answers how
/// it wants them, how its outputs will lie, and what scratch memory it needs. Memory is then
/// assigned once, `bind` is called with the addresses, and the closure it gives is run many times
/// without allocation or dispatch.
public struct KernelPlan {
  /// One per input; nil where the input is absent or not read while running.
  public var inputs: [Layout?]
  /// One per output; nil where the output is absent.
  public var outputs: [Layout?]
  public var scratchBytes: Int
  public var sharing: [Sharing]
  /// Name of the primitive chosen, for profiles: "jit:avx512_core", "reference".
  public var implementation: String
  /// Makes the kernel ready to run on memory at fixed addresses.
  public var bind: (Buffers) throws(KernelError) -> () -> Void

  /// An input and an output that lie in one buffer.
  public struct Sharing: Sendable {
    public var input: Int
    public var output: Int
    /// Whether they must (the kernel adds to, or updates, what is there) or merely may: the
    /// kernel reads each element of the input before it writes the same place of the output.
    public var isRequired: Bool

    public init(input: Int, output: Int, isRequired: Bool = false) {
      self.input = input
      self.output = output
      self.isRequired = isRequired
    }
  }

  public init(
    inputs: [Layout?], outputs: [Layout?], scratchBytes: Int = 0,
    sharing: [Sharing] = [], implementation: String,
    bind: @escaping (Buffers) throws(KernelError) -> () -> Void
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.scratchBytes = scratchBytes
    self.sharing = sharing
    self.implementation = implementation
    self.bind = bind
  }
}

/// The addresses a kernel works on, fixed for the life of an executable.
public struct Buffers {
  public var inputs: [UnsafeMutableRawPointer?]
  public var outputs: [UnsafeMutableRawPointer?]
  public var scratch: UnsafeMutableRawPointer?

  public init(
    inputs: [UnsafeMutableRawPointer?], outputs: [UnsafeMutableRawPointer?],
    scratch: UnsafeMutableRawPointer?
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.scratch = scratch
  }

  public func input<Element>(_ index: Int, as _: Element.Type) -> UnsafeMutablePointer<Element> {
    inputs[index]!.assumingMemoryBound(to: Element.self)
  }

  public func output<Element>(_ index: Int, as _: Element.Type) -> UnsafeMutablePointer<Element> {
    outputs[index]!.assumingMemoryBound(to: Element.self)
  }
}
