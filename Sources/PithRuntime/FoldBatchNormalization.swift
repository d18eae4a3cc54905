public import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// BatchNormalization(Conv(x, W, b)) becomes Conv(x, W s, (b - mean) s + shift) with
/// s = scale / sqrt(variance + epsilon) per filter; likewise for Gemm.
public struct FoldBatchNormalization: Rewrite {
  public let name = "fold batch normalization"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard let normalization = node.as(BatchNormalization.self), !normalization.trainingMode,
      let input = node.inputs[0], let output = node.output,
      let position = connections.producer[input], connections.soleConsumer(of: input) != nil,
      let factors = factors(node, normalization.epsilon, graph)
    else { return nil }
    let target = graph.nodes[position]
    let transposed = target.as(Gemm.self).map { !$0.transB } ?? false
    if let gemm = target.as(Gemm.self) {
      guard gemm.alpha == 1, gemm.beta == 1, !gemm.transA, gemm.post.isEmpty else { return nil }
    } else if let convolution = target.as(Conv.self) {
      guard convolution.post.isEmpty else { return nil }
    } else {
      return nil
    }
    guard let weight = target.inputs[1], let tensor = constant(weight, graph),
      tensor.shape[transposed ? 1 : 0] == factors.scale.count
    else { return nil }
    var bias = [Float](repeating: 0, count: factors.scale.count)
    if target.inputs.count > 2, let given = target.inputs[2] {
      guard let values = constant(given, graph), values.count == bias.count else { return nil }
      bias = values.floats
    }
    for index in bias.indices {
      bias[index] = bias[index] * factors.scale[index] + factors.shift[index]
    }
    let scaled = scale(tensor, factors.scale, lastAxis: transposed)
    let newBias = Tensor(bias)
    return Edit("\(node.name) into \(target.name)") { (graph) throws(GraphError) in
      let weightName = graph.name(of: weight)
      let inputs = [
        target.inputs[0], graph.addWeight(weightName + ".folded", scaled),
        graph.addWeight(weightName + ".bias", newBias),
      ]
      let result = try graph.insert(
        target.operator, inputs, before: node.id, name: target.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes([node.id, target.id])
    }
  }

  private func constant(_ value: Value, _ graph: Graph) -> Tensor? {
    guard let tensor = graph.weights[value], tensor.dtype == .float32,
      graph.fact(of: value)?.constant != nil
    else { return nil }
    return tensor
  }

  private func factors(_ node: Node, _ epsilon: Float, _ graph: Graph)
    -> (scale: [Float], shift: [Float])?
  {
    let vectors = node.inputs.dropFirst().map { $0.flatMap { constant($0, graph)?.floats } }
    guard vectors.count == 4, let scale = vectors[0], let shift = vectors[1],
      let mean = vectors[2], let variance = vectors[3]
    else { return nil }
    let factor = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
    return (factor, zip(zip(shift, mean), factor).map { $0.0 - $0.1 * $1 })
  }

  /// Multiplies each filter (the first axis, or the last) by its factor.
  private func scale(_ tensor: Tensor, _ factors: [Float], lastAxis: Bool) -> Tensor {
    let run = tensor.count / max(factors.count, 1)
    let values = tensor.floats.enumerated().map { index, value in
      value * factors[lastAxis ? index % factors.count : index / run]
    }
    return Tensor(values, tensor.shape)
  }
}
