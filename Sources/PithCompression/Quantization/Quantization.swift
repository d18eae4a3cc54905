public import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTraining

/// Post-training quantization: weights as 8-bit integers with one scale per filter, activations as
/// unsigned 8-bit integers with one scale and zero point per value, biases as 32-bit integers.
///
/// The result is a float graph with QuantizeLinear and DequantizeLinear pairs around everything
/// that can run in integers: a legal ONNX file that other tools turn into integer kernels.
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
    Setting(
      "bias-correction", .flag, default: .flag(true),
      help: "whether biases take back what rounding the weights adds to the mean of a channel"),
  ]
  private let estimator: any RangeEstimator.Type
  private let samples: Int
  private let correctsBiases: Bool

  public init(_ values: SettingValues) throws(SettingError) {
    let word = try values.text("ranges")
    estimator = rangeEstimators.first { $0.name == word } ?? MinMaxRange.self
    samples = try values.wholeNumber("samples")
    correctsBiases = try values.flag("bias-correction")
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    guard let data = context.data else {
      throw CompressionError.needsData(
        method: Self.name, why: "activations are watched while the network runs on it")
    }
    var graph = graph
    guard !graph.nodes.contains(where: { $0.operator is DequantizeLinear }) else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "the network has been quantized before")
    }
    for parameter in graph.parameters() {
      guard graph.weights[parameter.root]?.isFinite ?? true else {
        throw CompressionError.notFinite(layer: graph.name(of: parameter.root))
      }
    }
    graph.foldConstants()
    try graph.rewrite(with: [FoldBatchNormalization()])
    let values = graph.quantizableValues()
    guard !values.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "there is no convolution and no matrix product")
    }
    let calibration = try Calibration(graph, values, data, samples: samples)
    let users = graph.nodes
    var scales: [Value: Float] = [:]
    for value in values {
      guard let histogram = calibration.histograms[value] else { continue }
      let quantizer = ActivationQuantizer(estimator.range(histogram))
      scales[value] = quantizer.scale
      try graph.quantize(value, with: quantizer)
    }
    for user in users {
      guard let node = graph.node(user.id), let data = user.inputs.first ?? nil else { continue }
      try graph.quantizeWeights(
        of: node, dataScale: scales[data],
        inputMeans: correctsBiases ? calibration.means[data] : nil)
    }
    graph.removeUnused()
    return Outcome(graph)
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
      case is Conv, is ConvTranspose, is Gemm, is GlobalAveragePool, is AveragePool: slots = [0]
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
  ///
  /// - Parameter inputMeans: of the data's channels, where the bias is to be corrected by them.
  mutating func quantizeWeights(of node: Node, dataScale: Float?, inputMeans: [Double]?) throws {
    guard let axis = filterAxis(of: node), let weight = node.inputs[1],
      let tensor = weights[weight]
    else { return }
    var biases = self.biases(of: node, tensor.shape[axis])
    for (value, isFinite) in [
      (weight, tensor.isFinite), (node.inputs.last ?? nil, biases?.allSatisfy(\.isFinite) ?? true),
    ] {
      guard isFinite else { throw CompressionError.notFinite(layer: name(of: value ?? weight)) }
    }
    let quantizer = WeightQuantizer(
      tensor, axis: axis,
      smallest: dataScale.flatMap { scale in
        biases.map { WeightQuantizer.smallestScales(biases: $0, dataScale: scale) }
      })
    let integers = quantizer.integers(of: tensor)
    let shifts = inputMeans.flatMap {
      node.meanShift(errors: quantizer.errors(of: tensor, integers), of: tensor, inputMeans: $0)
    }
    if let shifts, let given = biases {
      biases = zip(given, shifts).map { $0 - $1 }
    } else if node.inputs.count < 3 {
      biases = nil
    }
    let name = self.name(of: weight)
    var inputs = node.inputs
    inputs[1] = try insert(
      DequantizeLinear(axis: axis),
      [
        addWeight(name + ".int8", integers),
        addWeight(name + ".scale", Tensor(quantizer.scales)),
        addWeight(name + ".zero", Tensor([Int8](repeating: 0, count: quantizer.scales.count))),
      ], before: node.id, name: name + ".dequantize")[0]
    if let biases, let dataScale {
      let steps = quantizer.scales.map { $0 * dataScale }
      let name = inputs.count > 2 ? inputs[2].map { self.name(of: $0) } : nil
      let stem = name ?? self.name(of: weight) + ".bias"
      let stored = try insert(
        DequantizeLinear(axis: 0),
        [
          addWeight(stem + ".int32", Tensor(quantizedBiases(biases, steps: steps))),
          addWeight(stem + ".scale", Tensor(steps)),
        ], before: node.id, name: stem + ".dequantize")[0]
      inputs = [inputs[0], inputs[1], stored]
    }
    try modify(node.id) { [inputs] in $0.inputs = inputs }
  }

  /// One bias for each of the filters, zeros where the node has none; nil where they cannot be
  /// stored in steps of the filters' scales.
  private func biases(of node: Node, _ filters: Int) -> [Float]? {
    guard node.operator is Conv || node.operator is ConvTranspose || node.operator is Gemm else {
      return nil
    }
    guard node.inputs.count > 2, let bias = node.inputs[2] else {
      return node.operator is ConvTranspose ? nil : [Float](repeating: 0, count: filters)
    }
    return weights[bias].flatMap { $0.count == filters ? $0.floats : nil }
  }

  /// The axis of a node's weight along which its filters lie; nil where it has no weight that can
  /// be stored as integers.
  private func filterAxis(of node: Node) -> Int? {
    guard node.inputs.count > 1, let weight = node.inputs[1].flatMap({ weights[$0] }),
      weight.dtype == .float32, weight.shape.rank >= 2, weight.count > 0
    else { return nil }
    switch node.operator {
    case is Conv: return 0
    // (C, M/group, ...): where there are groups, a scale belongs to one filter of each.
    case is ConvTranspose: return 1
    case let gemm as Gemm: return gemm.transB ? 0 : 1
    case is MatMul: return weight.shape.rank - 1
    default: return nil
    }
  }
}
