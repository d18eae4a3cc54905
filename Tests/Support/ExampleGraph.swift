public import PithGraph
public import PithTensors

/// A graph of one node, made from an operator's example.
public struct ExampleGraph {
  public var graph: Graph
  public let node: Node
  /// One per graph input, that is, per random input of the example.
  public var tensors: [Tensor] = []
  /// Which of the node's inputs each graph input is.
  public private(set) var slots: [Int] = []

  public init(_ operator: any Operator, _ example: Example) throws {
    var graph = Graph(name: "example")
    var inputs: [Value?] = []
    for (slot, input) in example.inputs.enumerated() {
      switch input {
      case .random(let shape, let low, let high):
        inputs.append(graph.addInput("input\(slot)", TensorType(.float32, shape)))
        tensors.append(spread(shape, low, high, slot: slot))
        slots.append(slot)
      case .constant(let tensor): inputs.append(graph.addWeight("constant\(slot)", tensor))
      case .absent: inputs.append(nil)
      }
    }
    let outputs = try graph.add(`operator`, inputs, outputs: example.outputCount)
    for output in outputs { graph.addOutput(output) }
    self.graph = graph
    node = graph.nodes[0]
  }
}

/// Numbers between `low` and `high`, no two of them near each other and none near the middle of the
/// range: one from each of as many equal parts, in random order. Maxima and kinks at zero are then
/// far from where finite differences are taken.
private func spread(_ shape: Shape, _ low: Float, _ high: Float, slot: Int) -> Tensor {
  var random = Philox(seed: 1, stream: UInt64(slot))
  let step = (high - low) / Float(max(shape.count, 1))
  // Where in its part each number stands: another place for each input, so that they do not meet.
  let offset = [0.35, 0.65, 0.15, 0.85][slot % 4] as Float
  return Tensor(random.permutation(shape.count).map { low + step * (Float($0) + offset) }, shape)
}
