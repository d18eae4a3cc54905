import PithTensors

/// Counts the parameters and multiply-accumulates of a graph from which channels are removed,
/// without removing them.
public struct StructureCost: Sendable {
  private let graph: Graph
  private let parameters: [Value: [Int]]
  /// The positions of the nodes that use or make a value.
  private let nodes: [Value: [Int]]
  private let macs: [Int]

  /// - Parameter graph: with all shapes known.
  public init(_ graph: Graph) {
    self.graph = graph
    var parameters: [Value: [Int]] = [:]
    var nodes: [Value: [Int]] = [:]
    for (position, node) in graph.nodes.enumerated() {
      for value in Set((node.inputs + node.outputs).compactMap(\.self)) {
        nodes[value, default: []].append(position)
      }
      for (slot, input) in node.inputs.enumerated() {
        guard let input, let tensor = graph.weights[input],
          let role = node.operator.role(ofInput: slot), role != .statistic
        else { continue }
        parameters[input] = tensor.shape.dimensions
      }
    }
    for (value, tensor) in graph.weights where parameters[value] == nil {
      let isCode = (nodes[value] ?? []).contains {
        let node = graph.nodes[$0]
        return node.operator.name == "DequantizeLinear" && node.inputs.first == value
      }
      if isCode { parameters[value] = tensor.shape.dimensions }
    }
    self.parameters = parameters
    self.nodes = nodes
    macs = graph.nodes.map { Self.macs(of: $0, graph, [:]) }
  }

  /// All of the graph.
  public var total: PruningGroup.Cost {
    .init(
      parameters: parameters.values.reduce(0) { $0 + $1.reduce(1, *) }, macs: macs.reduce(0, +))
  }

  /// What goes with channels of a group.
  public func cost(of channels: [Int], in group: PruningGroup) -> PruningGroup.Cost {
    cost(of: ChannelRemoval(channels, of: group))
  }

  /// What goes with a removal.
  public func cost(of removal: ChannelRemoval) -> PruningGroup.Cost {
    let removed = removal.places.mapValues(\.count)
    var cost = PruningGroup.Cost(parameters: 0, macs: 0)
    for value in Set(removed.keys.map(\.value)) {
      guard let extents = parameters[value] else { continue }
      let left = extents.enumerated().map { $1 - (removed[ValueAxis(value, $0)] ?? 0) }
      cost.parameters += extents.reduce(1, *) - left.reduce(1, *)
    }
    cost.macs = macs(of: removal).values.reduce(0, +)
    return cost
  }

  /// The multiply-accumulates that go with a removal, by node.
  public func macs(of removal: ChannelRemoval) -> [Node.ID: Int] {
    let removed = removal.places.mapValues(\.count)
    var result: [Node.ID: Int] = [:]
    for position in Set(removed.keys.flatMap { nodes[$0.value] ?? [] }) where macs[position] > 0 {
      let node = graph.nodes[position]
      result[node.id] = macs[position] - Self.macs(of: node, graph, removed)
    }
    return result
  }

  /// The multiply-accumulates of the whole graph, by node; nodes without any are left out.
  public var macsByNode: [Node.ID: Int] {
    var result: [Node.ID: Int] = [:]
    for (node, count) in zip(graph.nodes, macs) where count > 0 { result[node.id] = count }
    return result
  }

  private static func macs(of node: Node, _ graph: Graph, _ removed: [ValueAxis: Int]) -> Int {
    func narrowed(_ value: Value?) -> Fact? {
      guard let value, let fact = graph.fact(of: value) else { return nil }
      var type = fact.type
      for axis in type.dimensions.indices {
        if let count = removed[ValueAxis(value, axis)], let size = type.dimensions[axis].size {
          type.dimensions[axis] = .fixed(size - count)
        }
      }
      return Fact(type)
    }
    let outputs = node.outputs.compactMap { narrowed($0) }
    guard outputs.first?.type.shape != nil else { return 0 }
    return node.operator.cost(node.inputs.map(narrowed), outputs).macs
  }
}
