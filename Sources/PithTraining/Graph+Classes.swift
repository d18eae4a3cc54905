public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// The network for another number of classes: its last layer starts anew, all else is kept.
  ///
  /// The last layer is the Gemm, MatMul or convolution nearest to the output; only softmax,
  /// activations, additions of a bias, pooling and changes of shape may stand behind it. Weights are
  /// drawn from a normal distribution of variance 1 / (inputs of a class), biases start at zero.
  public func withClasses(_ classes: Int, seed: UInt64) throws -> Graph {
    guard (1...1_000_000).contains(classes) else {
      throw TrainingError.lastLayer("\(classes) is no number of classes")
    }
    let layer = try lastLayer()
    var graph = self
    try graph.replace(layer, classes: classes, seed: seed)
    return graph
  }

  /// The parameters of all layers but the last: what stays frozen when only a new last layer is
  /// trained.
  public func backbone() throws -> Set<Value> {
    let layer = try lastLayer()
    let own = Set([layer.weight, layer.bias].compactMap(\.self))
    return Set(parameters().map(\.root)).subtracting(own)
  }

  /// The layer whose outputs are the classes.
  private struct LastLayer {
    var node: Node
    var weight: Value
    /// The axis of the weight that counts the classes.
    var axis: Int
    var bias: Value?
    var classes: Int
    /// Constants behind the layer that spell out a shape.
    var targets: [Value] = []
  }

  private func lastLayer() throws -> LastLayer {
    guard outputs.count == 1 else { throw TrainingError.outputs(outputs.count) }
    let producer = connections.producer
    var value = outputs[0]
    var bias: Value?
    var targets: [Value] = []
    while let position = producer[value] {
      let node = nodes[position]
      let inputs = node.inputs.compactMap(\.self)
      switch node.operator {
      case is Gemm, is MatMul, is Conv:
        var layer = try layer(node, bias)
        layer.targets = targets
        return layer
      case is Add:
        guard let constant = inputs.first(where: { weights[$0] != nil }), bias == nil,
          let other = inputs.first(where: { $0 != constant })
        else { throw TrainingError.lastLayer("'\(node.name)' adds two branches") }
        bias = constant
        value = other
      case is Reshape:
        targets.append(inputs[1])
        value = inputs[0]
      case is Softmax, is LogSoftmax, is Sigmoid, is Relu, is Clip, is Identity, is Dropout,
        is Flatten, is Squeeze, is Unsqueeze, is GlobalAveragePool, is AveragePool, is ReduceMean:
        value = inputs[0]
      default:
        throw TrainingError.lastLayer(
          "'\(node.name)' (\(node.operator.name)) stands behind the last layer")
      }
    }
    throw TrainingError.lastLayer("no layer leads to the output")
  }

  private func layer(_ node: Node, _ bias: Value?) throws -> LastLayer {
    let axis: Int
    switch node.operator {
    case let gemm as Gemm: axis = gemm.transB ? 0 : 1
    case let convolution as Conv:
      guard convolution.group == 1 else {
        throw TrainingError.lastLayer("'\(node.name)' has groups")
      }
      axis = 0
    default: axis = 1
    }
    let own = node.inputs.count > 2 ? node.inputs[2] : nil
    guard let weight = node.inputs[1], let shape = weights[weight]?.shape, shape.rank > axis,
      weights[weight]?.dtype == .float32, own == nil || bias == nil,
      connections.consumers[weight]?.count == 1,
      (own ?? bias).map({ weights[$0]?.count == shape[axis] }) ?? true
    else {
      throw TrainingError.lastLayer(
        "the weights of '\(node.name)' are not plain numbers of its own")
    }
    return LastLayer(
      node: node, weight: weight, axis: axis, bias: own ?? bias, classes: shape[axis])
  }

  private mutating func replace(_ layer: LastLayer, classes: Int, seed: UInt64) throws {
    guard var shape = weights[layer.weight]?.shape else { return }
    let fan = max(shape.count / max(layer.classes, 1), 1)
    shape[layer.axis] = classes
    guard let count = shape.checkedCount, count <= 1 << 31 else {
      throw TrainingError.lastLayer("\(classes) classes take too much memory")
    }
    var random = Philox(seed: seed, stream: 0x5452_4101 << 32)
    let deviation = 1 / Float(fan).squareRoot()
    setWeight(
      layer.weight, Tensor((0..<count).map { _ in random.normal() * deviation }, shape))
    if let bias = layer.bias, var extents = weights[bias]?.shape {
      for axis in 0..<extents.rank where extents[axis] == layer.classes { extents[axis] = classes }
      setWeight(bias, Tensor(.float32, extents))
    }
    for target in layer.targets {
      guard let extents = weights[target]?.integers, extents.contains(layer.classes) else {
        continue
      }
      setWeight(
        target, Tensor(extents.map { Int64($0 == layer.classes ? classes : $0) }))
    }
    try inferAll()
  }
}
