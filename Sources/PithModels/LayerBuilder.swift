public import PithGraph
import PithOperators
import PithTensors

/// Builds a network layer by layer: each layer is added behind the last, named as it is called, with
/// its weights drawn.
public struct LayerBuilder: Sendable {
  /// What the next layer reads.
  public var current: Value
  public let input: ImageSize
  /// What the published numbers of channels are multiplied with.
  public let width: Double
  private var graph: Graph
  private let seed: UInt64
  private var streams: UInt64 = 0

  init(name: String, input: ImageSize, width: Double, seed: UInt64) {
    graph = Graph(name: name)
    self.input = input
    self.width = width
    self.seed = seed
    current = graph.addInput(
      "input",
      TensorType(
        .float32,
        [.named("N"), .fixed(input.channels), .fixed(input.height), .fixed(input.width)]))
  }

  func finish() -> Graph {
    var graph = graph
    graph.addOutput(current, name: "logits")
    return graph
  }

  /// A published number of channels under this network's width.
  public func scaled(_ channels: Int) -> Int {
    max(1, Int((Double(channels) * width).rounded()))
  }

  /// The extent of what the next layer reads along an axis of (N, C, H, W) or (N, C).
  public func extent(_ axis: Int) -> Int {
    graph.type(of: current)?.dimensions[axis].size ?? 0
  }

  public var channels: Int { extent(1) }

  // MARK: - Layers

  /// A convolution with square kernels.
  ///
  /// - Parameters:
  ///   - padding: zeros on each side; nil for as many as keep the size at stride 1.
  ///   - groups: parts that input and output channels are split into.
  public mutating func convolution(
    _ name: String, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    groups: Int = 1, bias: Bool = false
  ) throws(GraphError) {
    let fan = channels / groups
    let pad = padding ?? (kernel - 1) / 2
    let weight = drawn(
      "\(name).weight", [filters, fan, kernel, kernel], fan: fan * kernel * kernel)
    let bias = bias ? filled("\(name).bias", filters, 0) : nil
    try add(
      Conv(strides: [stride, stride], pads: [pad, pad, pad, pad], group: groups),
      [current, weight] + (bias.map { [$0] } ?? []), name)
  }

  /// Batch normalization (Ioffe and Szegedy, 2015), starting as the identity.
  public mutating func normalization(_ name: String) throws(GraphError) {
    let channels = self.channels
    let parameters = [
      filled("\(name).weight", channels, 1), filled("\(name).bias", channels, 0),
      filled("\(name).running_mean", channels, 0), filled("\(name).running_var", channels, 1),
    ]
    try add(BatchNormalization(), [current] + parameters, name)
  }

  public mutating func relu(_ name: String) throws(GraphError) {
    try add(Relu(), [current], name)
  }

  /// min(max(x, 0), 6).
  public mutating func relu6(_ name: String) throws(GraphError) {
    let low = graph.addWeight(name + ".low", Tensor(scalar: Float(0)))
    let high = graph.addWeight(name + ".high", Tensor(scalar: Float(6)))
    try add(Clip(), [current, low, high], name)
  }

  /// The maximum of windows that do not overlap.
  public mutating func maximumPool(_ name: String, _ size: Int = 2) throws(GraphError) {
    try add(MaxPool(kernel: [size, size], strides: [size, size]), [current], name)
  }

  /// The maximum of 3x3 windows, two pixels apart.
  public mutating func overlappingPool(_ name: String) throws(GraphError) {
    try add(MaxPool(kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1]), [current], name)
  }

  /// The mean over all positions, as (N, C).
  public mutating func averageToVector(_ name: String) throws(GraphError) {
    try add(GlobalAveragePool(), [current], name)
    try flatten(name + ".flatten")
  }

  /// (N, C, H, W) as (N, C H W).
  public mutating func flatten(_ name: String) throws(GraphError) {
    try add(Flatten(), [current], name)
  }

  /// A layer that sees all its inputs.
  ///
  /// - Parameter isLast: whether no rectifier follows, so that half the variance is drawn.
  public mutating func linear(_ name: String, _ features: Int, isLast: Bool = false)
    throws(GraphError)
  {
    let fan = channels
    let weight = drawn("\(name).weight", [features, fan], fan: isLast ? 2 * fan : fan)
    let bias = filled("\(name).bias", features, 0)
    try add(Gemm(transB: true), [current, weight, bias], name)
  }

  /// The sum with an earlier value.
  public mutating func sum(_ name: String, with other: Value) throws(GraphError) {
    try add(Add(), [current, other], name)
  }

  /// Every other row and column, with channels of zeros added on both sides: the shortcut without
  /// parameters (option A of He et al., 2016).
  public mutating func subsampledShortcut(_ name: String, channels: Int) throws(GraphError) {
    let slice = name + ".slice"
    let slicing: [(String, [Int64])] = [
      ("starts", [0, 0]), ("ends", [.max, .max]), ("axes", [2, 3]), ("steps", [2, 2]),
    ]
    let bounds = slicing.map { graph.addWeight("\(slice).\($0.0)", Tensor($0.1)) }
    let missing = Int64(channels - self.channels)
    try add(Slice(), [current] + bounds, slice)
    let pads = [0, missing / 2, 0, 0, 0, missing - missing / 2, 0, 0]
    try add(Pad(), [current, graph.addWeight(name + ".pad.pads", Tensor(pads))], name + ".pad")
  }

  // MARK: - Nodes and weights

  private mutating func add(_ operator: any Operator, _ inputs: [Value], _ name: String)
    throws(GraphError)
  {
    current = try graph.add(`operator`, inputs, name: name)[0]
    graph.setName(name + "_out", of: current)
  }

  /// A weight from the normal distribution of variance 2 / fan.
  private mutating func drawn(_ name: String, _ shape: Shape, fan: Int) -> Value {
    var generator = Philox(seed: seed, stream: LayerBuilder.stream | streams)
    streams += 1
    let deviation = (2 / Float(max(fan, 1))).squareRoot()
    let elements = (0..<shape.count).map { _ in generator.normal() * deviation }
    return graph.addWeight(name, Tensor(elements, shape))
  }

  private mutating func filled(_ name: String, _ count: Int, _ value: Float) -> Value {
    graph.addWeight(name, Tensor([Float](repeating: value, count: count)))
  }

  /// The upper half of the streams that weights are drawn from under a user's seed.
  private static let stream: UInt64 = 0x4d4f_4401 << 32
}

extension LayerBuilder {
  /// Whether both sides of the images are so short (up to 64, as CIFAR's 32 and Tiny ImageNet's 64)
  /// that networks made for 224x224 images must reduce them less.
  var isSmall: Bool { max(input.height, input.width) <= 64 }

  /// Convolution, normalisation, rectifier; `suffix` numbers the parts as published networks do.
  mutating func block(
    _ prefix: String, suffix: String = "", _ filters: Int, kernel: Int, stride: Int = 1,
    padding: Int? = nil
  ) throws(GraphError) {
    try convolution(
      "\(prefix)conv\(suffix)", filters, kernel: kernel, stride: stride, padding: padding)
    try normalization("\(prefix)bn\(suffix)")
    try relu("\(prefix)relu\(suffix)")
  }
}
