public import PithGraph
import PithKernels
public import PithTensors

/// The largest element in each window over the spatial axes of data (N, C, spatial...). The second
/// output of ONNX (where the largest stood) is not supported.
public struct MaxPool: Operator {
  public static let name = "MaxPool"
  public static let examples = [
    Example([.random([2, 3, 6, 6])], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
    Example(
      [.random([1, 2, 7, 5])],
      ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])]),
    Example(
      [.random([1, 2, 6, 6])],
      ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1)]),
    Example([.random([1, 2, 9])], ["kernel_shape": .ints([3]), "dilations": .ints([2])]),
    Example(
      [.random([1, 2, 5, 5])],
      [
        "kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "auto_pad": .string("SAME_LOWER"),
      ]),
    Example([.random([1, 2, 4, 4, 4])], ["kernel_shape": .ints([2, 2, 2])]),
  ]

  /// Without a kernel's size: one window over everything.
  let window: WindowAttributes

  init(window: WindowAttributes) { self.window = window }

  public init(kernel: [Int], strides: [Int]? = nil, pads: [Int]? = nil) {
    self.init(window: WindowAttributes(kernel: kernel, strides: strides, pads: pads))
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    guard window.kernel != nil else { throw .missing("kernel_shape") }
    guard try attributes.int("storage_order", default: 0) == 0 else {
      throw .unsupported("storage_order of 1")
    }
    self.init(window: window)
  }

  public var attributes: Attributes { Attributes(window.values) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [window.kernel == nil ? try inferGlobalPooling(inputs) : try inferPooling(inputs, window)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let data = node.inputs[0] else { return [nil] }
    // The forward node is made to remember where the largest elements stood.
    let places = graph.declare(nil, MaxPoolTraining.places)
    try graph.modify(node.id) { node in
      node.operator = MaxPoolTraining(self)
      node.outputs = [node.output, places]
    }
    return [try graph.add(MaxPoolGradient(self), gradient, places, data)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    if request.hasOutput(1) { throw .unsupported("the output 'Indices'") }
    return try pooling(request.input(0)).forward(request)
  }

  func pooling(_ data: KernelRequest.Operand) throws(KernelError) -> Pooling {
    Pooling(
      .maximum,
      window: window.kernel == nil ? .whole(data.shape) : try boundWindow(window, data))
  }
}

/// A `MaxPool` that also tells where the largest elements stood, in a form that only its gradient
/// understands.
public struct MaxPoolTraining: Operator {
  public static let name = "MaxPoolTraining"
  public static let domain = "pith"
  /// The second output: its true size in bytes is known to the kernel alone.
  static let places = Fact(.uint8, [1])
  let forward: MaxPool

  init(_ forward: MaxPool) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(MaxPool(window: try WindowAttributes(attributes)))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try forward.infer(inputs) + [Self.places]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(MaxPoolGradient(forward), gradient, node.outputs[1], node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.pooling(request.input(0)).forward(request, training: request.hasOutput(1))
  }
}

/// dL/d(data) of a `MaxPool`: each element of dL/dy goes to the place of its window's largest.
///
/// Inputs: dL/dy, the places, data (of which only the type matters).
public struct MaxPoolGradient: Operator {
  public static let name = "MaxPoolGradient"
  public static let domain = "pith"
  let forward: MaxPool

  init(_ forward: MaxPool) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(MaxPool(window: try WindowAttributes(attributes)))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.pooling(request.output(0)).gradientOfMaximum(request)
  }
}
