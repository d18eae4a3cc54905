import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// Dequantize - Gemm or MatMul with constant bytes - (activation) - Quantize becomes one product of
/// bytes; without a Quantize behind it, one that makes floats.
struct LowerMatrixProduct: Rewrite {
  let name = "product of bytes"
  /// Whether weights may lose a bit where sums would overflow.
  let mayRound: Bool

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let output = node.output, let axis = filterAxis(node),
      let data = graph.bytes(behind: node.inputs[0], connections),
      var weights = IntegerWeights(behind: node.inputs[1], axis: axis, in: graph, connections),
      weights.shape.rank == 2,
      let bias = bias(node, filters: weights.shape[axis], graph)
    else { return nil }
    guard weights.fit(data.grid, pixels: 1, mayRound: mayRound) else { return nil }
    let tail = Tail(of: output, in: graph, connections, adds: false)
    let layer = IntegerLayer(
      weights: weights, bias: bias, data: data.grid, foldsZero: true, tail: tail)
    let integer = IntegerMatMul(dtype: layer.dtype, steps: layer.steps)
    func inputs(in graph: inout Graph) -> [Value?] {
      let name = graph.name(of: node.inputs[1] ?? data.value)
      return [
        data.value, graph.addWeight(name + ".bytes", weights.columns),
        graph.addWeight(name + ".scales", Tensor(layer.scales)),
        graph.addWeight(name + ".shifts", Tensor(layer.shifts)),
      ]
    }
    var trial = graph
    let tried = inputs(in: &trial)
    guard trial.canRun(integer, tried) else { return nil }
    let last = tail.last ?? node.id
    return Edit(node.name) { (graph) throws(GraphError) in
      let inputs = inputs(in: &graph)
      let result = try graph.insert(integer, inputs, before: last, name: node.name)[0]
      graph.replaceUses(of: tail.output, with: result)
      graph.removeNodes(tail.nodes.union([node.id]))
    }
  }

  /// The axis of the weight along which the columns of the result lie.
  private func filterAxis(_ node: Node) -> Int? {
    if let gemm = node.as(Gemm.self) {
      guard gemm.alpha == 1, gemm.beta == 1, !gemm.transA, gemm.post.isEmpty else { return nil }
      return gemm.transB ? 0 : 1
    }
    return node.operator is MatMul ? 1 : nil
  }
}
