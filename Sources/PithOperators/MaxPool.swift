public import PithGraph
import PithKernels
public import PithTensors

/// The largest element in each window over the spatial axes of data (N, C, spatial...).
///
/// Outputs: the largest elements and, where `givesPlaces`, their places in the data, counted over
/// all planes and within a plane by rows or, `countsColumns`, by columns.
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
  public let countsColumns: Bool
  /// Whether there is a second output; the reader says so, as ONNX has no attribute for it.
  public private(set) var givesPlaces = false

  init(window: WindowAttributes, countsColumns: Bool = false) {
    self.window = window
    self.countsColumns = countsColumns
  }

  /// The same with the places as a second output.
  public var withPlaces: MaxPool {
    var result = self
    result.givesPlaces = true
    return result
  }

  public init(kernel: [Int], strides: [Int]? = nil, pads: [Int]? = nil) {
    self.init(window: WindowAttributes(kernel: kernel, strides: strides, pads: pads))
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    guard window.kernel != nil else { throw .missing("kernel_shape") }
    self.init(
      window: window, countsColumns: try attributes.bool("storage_order", default: false))
  }

  public var attributes: Attributes {
    var values = window.values
    if countsColumns { values["storage_order"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let fact =
      window.kernel == nil ? try inferGlobalPooling(inputs) : try inferPooling(inputs, window)
    return givesPlaces ? [fact, Fact(.int64, fact.dimensions)] : [fact]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard !givesPlaces else {
      return AxisLinks(reason: "tells places counted over all channels")
    }
    var links = AxisLinks()
    links.channels(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let data = node.inputs[0] else { return [nil] }
    if givesPlaces {
      guard !countsColumns, let places = node.outputs[1] else {
        throw .notDifferentiable(node: node.name, operator: Self.name)
      }
      return [try graph.add(MaxPoolPlacesGradient(), gradient, places, data)]
    }
    // The forward node is made to remember where the largest elements stood.
    let places = graph.declare(nil, MaxPoolTraining.places)
    try graph.modify(node.id) { node in
      node.operator = MaxPoolTraining(self)
      node.outputs = [node.output, places]
    }
    return [try graph.add(MaxPoolGradient(self), gradient, places, data)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard request.hasOutput(1) else { return try pooling(request.input(0)).forward(request) }
    return try WindowPooling(window: pooling(request.input(0)).window)
      .placesOfMaxima(columnMajor: countsColumns, request)
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

/// dL/d(data) of a `MaxPool` that gives the places. Inputs: dL/dy, the places, data (of which only
/// the type matters).
public struct MaxPoolPlacesGradient: Operator {
  public static let name = "MaxPoolPlacesGradient"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try maxUnpoolingKernel(pooled: request.output(0).shape, adding: true, request)
  }
}
