import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// Dequantize - Conv - (Add, activation) - Quantize becomes one convolution of bytes; without a
/// Quantize behind it, one that makes floats.
struct LowerConvolution: Rewrite {
  let name = "convolution of bytes"
  /// Whether weights may lose a bit where sums would overflow.
  let mayRound: Bool

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let convolution = node.as(Conv.self), convolution.post.isEmpty, let output = node.output,
      let data = graph.bytes(behind: node.inputs[0], connections),
      var weights = IntegerWeights(behind: node.inputs[1], axis: 0, in: graph, connections),
      let bias = bias(node, filters: weights.shape[0], graph)
    else { return nil }
    guard
      weights.fit(
        data.grid, pixels: weights.shape.dimensions[2...].reduce(1, *), mayRound: mayRound)
    else { return nil }
    let isPadded = isPadded(convolution, data.value, weights.shape, graph)
    let needsZero = data.grid.zero != 0 && isPadded
    for adds in [true, false] {
      let tail = Tail(of: output, in: graph, connections, adds: adds)
      if adds, tail.summand == nil || tail.grid == nil { continue }
      let layer = IntegerLayer(
        weights: weights, bias: bias, data: data.grid, foldsZero: !needsZero, tail: tail)
      if let edit = replacement(node, layer, weights, data, needsZero, tail, graph) { return edit }
    }
    return nil
  }

  private func replacement(
    _ node: Node, _ layer: IntegerLayer, _ weights: IntegerWeights,
    _ data: (value: Value, grid: Grid), _ needsZero: Bool, _ tail: Tail, _ graph: Graph
  ) -> Edit? {
    guard let convolution = node.as(Conv.self) else { return nil }
    let integer = IntegerConv(convolution, dtype: layer.dtype, steps: layer.steps)
    func inputs(in graph: inout Graph) -> [Value?] {
      let name = graph.name(of: node.inputs[1] ?? data.value)
      var inputs: [Value?] = [
        data.value, graph.addWeight(name + ".bytes", weights.tensor),
        graph.addWeight(name + ".scales", Tensor(layer.scales)),
        graph.addWeight(name + ".shifts", Tensor(layer.shifts)),
        needsZero ? graph.addWeight(nil, Tensor([Int32(data.grid.zero)])) : nil,
      ]
      if let summand = tail.summand { inputs.append(summand.value) }
      return inputs
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

  private func isPadded(_ convolution: Conv, _ data: Value, _ weight: Shape, _ graph: Graph)
    -> Bool
  {
    guard let shape = graph.type(of: data)?.shape,
      let bound = try? convolution.bound(
        KernelRequest.Operand(dtype: .uint8, shape: shape),
        KernelRequest.Operand(dtype: .int8, shape: weight))
    else { return true }
    return (bound.window.padsBegin + bound.window.padsEnd).contains { $0 != 0 }
  }
}

/// The bias of a node, zeros where it has none; nil where it is not constant.
func bias(_ node: Node, filters: Int, _ graph: Graph) -> [Float]? {
  guard node.inputs.count > 2, let value = node.inputs[2] else {
    return [Float](repeating: 0, count: filters)
  }
  guard let tensor = graph.constant(value), tensor.dtype == .float32, tensor.count == filters else {
    return nil
  }
  return tensor.floats
}
