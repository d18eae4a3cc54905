import PithTensors

extension Graph {
  /// The graph without some channels of a group.
  public func removing(channels: some Sequence<Int>, from group: PruningGroup)
    throws(GraphError) -> Graph
  {
    try removing(ChannelRemoval(channels, of: group))
  }

  /// The graph without some channels: every weight that they have places on is cut, every
  /// operator on the way fixes its attributes and constants, shapes are told again and checked.
  ///
  /// Fails, naming the node, where an operator cannot follow; the graph given is left as it is.
  public func removing(_ removal: ChannelRemoval) throws(GraphError) -> Graph {
    var result = self
    for (axis, gone) in removal.places {
      guard let kept = removal.kept(axis) else { continue }
      guard !kept.isEmpty else {
        throw .invalid(
          "all \(gone.count) places of axis \(axis.axis) of '\(name(of: axis.value))' would go")
      }
      guard let tensor = result.weights[axis.value] else { continue }
      guard axis.axis < tensor.shape.rank, tensor.shape[axis.axis] == removal.extents[axis] else {
        throw .invalid("the groups are those of another graph: '\(name(of: axis.value))' differs")
      }
      result.setWeight(axis.value, tensor.selecting(kept, axis: axis.axis))
    }
    for position in nodes.indices { try result.narrow(position, of: self, removal) }
    try result.inferAll()
    result.removeUnusedWeights()
    try result.verify()
    return result
  }

  private mutating func narrow(_ position: Int, of graph: Graph, _ removal: ChannelRemoval)
    throws(GraphError)
  {
    let node = graph.nodes[position]
    var kept: [OperandAxis: [Int]] = [:]
    func look(_ values: [Value?], _ operand: (Int) -> OperandAxis.Operand) {
      for (index, value) in values.enumerated() {
        guard let value else { continue }
        for axis in 0..<(graph.type(of: value)?.rank ?? 0) {
          kept[OperandAxis(operand: operand(index), axis: axis)] = removal.kept(
            ValueAxis(value, axis))
        }
      }
    }
    look(node.inputs) { .input($0) }
    look(node.outputs) { .output($0) }
    guard !kept.isEmpty else { return }
    let narrowed: Narrowed
    do {
      narrowed = try node.operator.narrowed(
        Narrowing(
          inputs: graph.inputFacts(of: node),
          outputs: node.outputs.map { $0.flatMap { graph.fact(of: $0) } }, kept: kept))
    } catch {
      throw .shape(node: node.name, operator: node.operator.name, error)
    }
    nodes[position].operator = narrowed.operator
    for (slot, constant) in narrowed.constants.sorted(by: { $0.key < $1.key }) {
      while nodes[position].inputs.count <= slot { nodes[position].inputs.append(nil) }
      let old = nodes[position].inputs[slot].map { graph.name(of: $0) }
      nodes[position].inputs[slot] = addWeight(old.map { "\($0)_\(node.id)" }, constant)
    }
  }

  /// Inputs of nodes with places that a removal takes away and that are summed over: zeros there
  /// make the graph compute what it does without them.
  public func summedInputs(of removal: ChannelRemoval, bound: Graph)
    -> [(node: Node.ID, input: Int, axis: Int, places: [Int])]
  {
    var result: [(node: Node.ID, input: Int, axis: Int, places: [Int])] = []
    for node in bound.nodes {
      let axes = node.inputs.indices.filter { slot in
        node.inputs[slot].map { value in
          (0..<(bound.type(of: value)?.rank ?? 0)).contains {
            removal.places[ValueAxis(value, $0)] != nil
          }
        } ?? false
      }
      guard !axes.isEmpty else { continue }
      let outputs = node.outputs.map { $0.flatMap { bound.fact(of: $0) } }
      let links = node.operator.axes(bound.inputFacts(of: node), outputs)
      for slot in axes {
        guard let value = node.inputs[slot] else { continue }
        for axis in 0..<(bound.type(of: value)?.rank ?? 0)
        where links.summed.contains(.input(slot, axis)) {
          if let places = removal.places[ValueAxis(value, axis)] {
            result.append((node.id, slot, axis, places))
          }
        }
      }
    }
    return result
  }
}
