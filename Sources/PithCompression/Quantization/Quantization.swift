public import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTraining

/// Post-training quantization: weights as 8-bit integers with one scale per filter, activations as
/// unsigned 8-bit integers with one scale and zero point per value, biases as 32-bit integers.
///
/// The result is a float graph with QuantizeLinear and DequantizeLinear pairs around everything that
/// can run in integers: a legal ONNX file that other tools turn into integer kernels.
public struct Quantization: CompressionMethod {
  public static let name = "quantization"
  public static let summary = "stores weights and activations as 8-bit integers"
  public static let paper =
    "Jacob et al.: Quantization and training of neural networks for efficient integer-arithmetic-only inference, 2018"
  public static let settings = [
    Setting(
      "bits", .wholeNumber(8...8), default: .wholeNumber(8), help: "bits of a weight"),
    Setting(
      "ranges", .word(rangeEstimators.map { $0.name }), default: .word(MeanSquaredErrorRange.name),
      help: "how the range of an activation is chosen"),
    Setting(
      "samples", .wholeNumber(1...1_000_000), default: .wholeNumber(512),
      help: "training images that activations are watched on"),
  ]
  private let estimator: any RangeEstimator.Type
  private let samples: Int

  public init(_ values: SettingValues) throws(SettingError) {
    let word = try values.text("ranges")
    estimator = rangeEstimators.first { $0.name == word } ?? MinMaxRange.self
    samples = try values.wholeNumber("samples")
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    guard let data = context.data else {
      throw CompressionError.needsData(
        method: Self.name, why: "activations are watched while the network runs on it")
    }
    var graph = graph
    graph.foldConstants()
    try graph.rewrite(with: [FoldBatchNormalization()])
    let values = graph.quantizableValues()
    guard !values.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "there is no convolution and no matrix product")
    }
    let calibration = try Calibration(graph, values, data, samples: samples)
    var scales: [Value: Float] = [:]
    for value in values {
      guard let histogram = calibration.histograms[value] else { continue }
      let quantizer = ActivationQuantizer(estimator.range(histogram))
      scales[value] = quantizer.scale
      try graph.quantize(value, with: quantizer)
    }
    for node in graph.nodes { try graph.quantizeWeights(of: node, dataScales: scales) }
    graph.removeUnused()
    return Outcome(graph)
  }
}

/// Scale and zero point of an unsigned 8-bit integer: x is (q - zero) scale.
struct ActivationQuantizer {
  let scale: Float
  let zero: UInt8

  init(_ range: ClosedRange<Float>) {
    let width = range.upperBound - range.lowerBound
    scale = width > 0 ? width / 255 : 1
    zero = UInt8(max(0, min(255, (-range.lowerBound / scale).rounded(.toNearestOrEven))))
  }
}

extension Graph {
  /// The values that enter operators which run in integers, each once, in order.
  func quantizableValues() -> [Value] {
    var seen: Set<Value> = []
    var result: [Value] = []
    for node in nodes {
      let slots: [Int]
      switch node.operator {
      case is Conv, is Gemm, is GlobalAveragePool, is AveragePool: slots = [0]
      case is MatMul, is Add: slots = [0, 1]
      case is Concat: slots = Array(node.inputs.indices)
      default: slots = []
      }
      // A sum with a constant is a bias of its own; only sums of two computed values count.
      if node.operator is Add,
        node.inputs.contains(where: { $0.map { weights[$0] != nil } ?? true })
      {
        continue
      }
      for slot in slots {
        guard let value = node.inputs[slot], weights[value] == nil,
          type(of: value)?.dtype == .float32, seen.insert(value).inserted
        else { continue }
        result.append(value)
      }
    }
    return result
  }

  /// Puts QuantizeLinear and DequantizeLinear between a value and those that use it.
  mutating func quantize(_ value: Value, with quantizer: ActivationQuantizer) throws(GraphError) {
    let users = nodes.filter { $0.inputs.contains(value) }
    guard let first = users.first else { return }
    let name = self.name(of: value)
    let scale = addWeight(name + ".scale", Tensor(scalar: quantizer.scale))
    let zero = addWeight(name + ".zero", Tensor(scalar: quantizer.zero))
    let integers = try insert(
      QuantizeLinear(), [value, scale, zero], before: first.id, name: name + ".quantize")[0]
    let decoded = try insert(
      DequantizeLinear(), [integers, scale, zero], before: first.id, name: name + ".dequantize")[0]
    for user in users {
      try modify(user.id) { node in
        for slot in node.inputs.indices where node.inputs[slot] == value {
          node.inputs[slot] = decoded
        }
      }
    }
  }

  /// Stores the weight of a convolution or matrix product as int8, its bias as int32.
  mutating func quantizeWeights(of node: Node, dataScales: [Value: Float]) throws(GraphError) {
    guard node.operator is Conv || node.operator is Gemm || node.operator is MatMul,
      node.inputs.count > 1, let weight = node.inputs[1], let tensor = weights[weight],
      tensor.dtype == .float32, tensor.shape.rank >= 2
    else { return }
    let axis: Int
    switch node.operator {
    case is Conv: axis = 0
    case let gemm as Gemm: axis = gemm.transB ? 0 : 1
    default: axis = tensor.shape.rank - 1
    }
    let (integers, scales) = tensor.quantized(alongAxis: axis)
    let name = self.name(of: weight)
    let scale = addWeight(name + ".scale", Tensor(scales))
    let zero = addWeight(name + ".zero", Tensor([Int8](repeating: 0, count: scales.count)))
    let decoded = try insert(
      DequantizeLinear(axis: axis), [addWeight(name + ".int8", integers), scale, zero],
      before: node.id, name: name + ".dequantize")[0]
    var inputs = node.inputs
    inputs[1] = decoded
    if inputs.count > 2, let bias = inputs[2], let values = weights[bias]?.floats,
      values.count == scales.count, let dataScale = dataScale(of: node, dataScales)
    {
      let steps = scales.map { $0 * dataScale }
      let whole = zip(values, steps).map { value, step in
        Int32(clamping: Int((value / step).rounded(.toNearestOrEven)))
      }
      let biasName = self.name(of: bias)
      let biasScale = addWeight(biasName + ".scale", Tensor(steps))
      let stored = addWeight(biasName + ".int32", Tensor(whole))
      inputs[2] = try insert(
        DequantizeLinear(axis: 0), [stored, biasScale], before: node.id,
        name: biasName + ".dequantize")[0]
    }
    let result = inputs
    try modify(node.id) { $0.inputs = result }
  }

  /// The scale of a node's data: that of the value behind its DequantizeLinear.
  private func dataScale(of node: Node, _ scales: [Value: Float]) -> Float? {
    guard let data = node.inputs[0],
      let decoder = nodes.first(where: { $0.outputs.contains(data) }),
      decoder.operator is DequantizeLinear, let scale = decoder.inputs[1]
    else { return nil }
    return weights[scale]?.floats.first
  }
}

extension Tensor {
  /// Symmetric 8-bit integers with one scale per place along an axis: w is q scale.
  func quantized(alongAxis axis: Int) -> (integers: Tensor, scales: [Float]) {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let channels = shape[axis]
    let values = floats
    var largest = [Float](repeating: 0, count: channels)
    for (index, value) in values.enumerated() {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], value.magnitude)
    }
    let scales = largest.map { $0 > 0 ? $0 / 127 : 1 }
    let integers = values.enumerated().map { index, value in
      let quotient = (value / scales[index / inner % channels]).rounded(.toNearestOrEven)
      return Int8(max(-127, min(127, quotient)))
    }
    return (Tensor(integers, shape), scales)
  }
}
