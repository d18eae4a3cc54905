import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// AveragePool and GlobalAveragePool of a dequantized value become means of bytes: as bytes where a
/// Quantize follows, else as floats.
struct LowerAverage: Rewrite {
  let name = "mean of bytes"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let output = node.output,
      let data = graph.bytes(behind: node.inputs.first ?? nil, connections),
      let shape = graph.type(of: data.value)?.shape, shape.rank == 3 || shape.rank == 4,
      let pooling = pooling(node, shape), pooling.scale == nil,
      let dimensions = graph.type(of: output)?.dimensions
    else { return nil }
    let tail = Tail(of: output, in: graph, connections, adds: false)
    let bounds = tail.bounds
    let result = bounds == nil ? nil : tail.grid
    let scale = result?.scale ?? 1
    let factor = data.grid.scale / scale
    let mean = IntegerMean(
      window: pooling.window, factor: factor,
      shift: Float(result?.zero ?? 0) - factor * Float(data.grid.zero),
      low: Float(bounds?.lowerBound ?? 0), high: Float(bounds?.upperBound ?? 0),
      countsPadding: pooling.function == .averageWithPadding, zero: data.grid.zero)
    let integer = IntegerAveragePool(
      dtype: result?.dtype ?? .float32, mean: mean, dimensions: dimensions)
    guard graph.canRun(integer, [data.value]) else { return nil }
    let last = result == nil ? nil : tail.last
    return Edit(node.name) { (graph) throws(GraphError) in
      let made = try graph.insert(
        integer, [data.value], before: last ?? node.id, name: node.name)[0]
      graph.replaceUses(of: last == nil ? output : tail.output, with: made)
      graph.removeNodes((last == nil ? [] : tail.nodes).union([node.id]))
    }
  }

  private func pooling(_ node: Node, _ shape: Shape) -> Pooling? {
    if node.operator is GlobalAveragePool { return Pooling(.average, window: .whole(shape)) }
    return try? node.as(AveragePool.self)?
      .pooling(KernelRequest.Operand(dtype: .float32, shape: shape))
  }
}
