import PithGraph
import PithOperators
import PithTensors

/// One of the two sides of a sum, and what the network saves without it.
///
/// Of y = x + f(x) the branch is f: without it y is x, and the layers that only f has go.
struct ResidualBranch {
  /// The node that adds the branch.
  let sum: Node.ID
  /// The place of the branch among the sum's inputs.
  let slot: Int
  /// The last node of the branch.
  let name: String
  /// What goes with it, at batch 1.
  let saved: PruningGroup.Cost
}

extension Graph {
  /// The sides of sums that can go and take layers with them, in the order of the sums.
  ///
  /// A side can go where the other one has the shape and type of the sum, where every input of the
  /// network is still read, and where no node that goes is to be kept.
  ///
  /// - Parameters:
  ///   - bound: this graph with all shapes known.
  ///   - isKept: nodes that stay.
  func residualBranches(bound: Graph, keeping isKept: (Node) -> Bool) throws -> [ResidualBranch] {
    let whole = StructureCost(bound).total
    let makers = Dictionary(
      nodes.flatMap { node in node.outputs.compactMap { output in output.map { ($0, node) } } },
      uniquingKeysWith: { first, _ in first })
    let kept = Set(nodes.filter(isKept).map(\.id))
    let read = inputsRead
    var branches: [ResidualBranch] = []
    for node in nodes where node.operator.name == "Add" && node.inputs.count == 2 {
      for slot in [0, 1] {
        guard let gone = node.inputs[slot], let stays = node.inputs[1 - slot],
          let sum = node.output,
          let maker = makers[gone], weights[stays] == nil, gone != stays,
          bound.type(of: stays) == bound.type(of: sum),
          !(inputs.contains(stays) && outputs.contains(sum))
        else { continue }
        let smaller = bound.without(node.id, slot: slot)
        let left = StructureCost(smaller).total
        let saved = PruningGroup.Cost(
          parameters: whole.parameters - left.parameters, macs: whole.macs - left.macs)
        guard saved.macs > 0, smaller.inputsRead == read,
          kept.isSubset(of: smaller.nodes.map(\.id))
        else { continue }
        branches.append(
          ResidualBranch(sum: node.id, slot: slot, name: maker.name, saved: saved))
      }
    }
    return branches
  }

  /// The graph without a branch: its sum gives the other side, and what nothing reads any more goes.
  func without(_ branch: ResidualBranch) -> Graph { without(branch.sum, slot: branch.slot) }

  /// The graph in which branches give zeros, and nothing is smaller.
  func silencing(_ branches: [ResidualBranch]) throws(GraphError) -> Graph {
    var result = self
    for branch in branches {
      guard let node = result.node(branch.sum), let value = node.inputs[branch.slot],
        let type = result.type(of: value)
      else { continue }
      let zero = result.addWeight(nil, Tensor([0], []).converted(to: type.dtype))
      let silent = try result.insert(Mul(), [value, zero], before: branch.sum)[0]
      try result.modify(branch.sum) { $0.inputs[branch.slot] = silent }
    }
    return result
  }

  private func without(_ sum: Node.ID, slot: Int) -> Graph {
    guard let node = node(sum), let stays = node.inputs[1 - slot], let output = node.output else {
      return self
    }
    var result = self
    result.replaceUses(of: output, with: stays)
    result.removeNodes([sum])
    result.removeRepeatedRectifiers(of: stays)
    result.removeUnused()
    return result
  }

  /// Takes away what rectifies a value that is rectified already: relu(relu(x)) is relu(x).
  private mutating func removeRepeatedRectifiers(of value: Value) {
    guard nodes.contains(where: { $0.output == value && $0.operator is Relu }) else { return }
    for node in nodes where node.operator is Relu && node.inputs == [value] {
      guard let output = node.output, !outputs.contains(output) else { continue }
      replaceUses(of: output, with: value)
      removeNodes([node.id])
    }
  }

  /// The inputs that some node reads.
  private var inputsRead: Set<Value> {
    Set(inputs).intersection(nodes.flatMap { $0.inputs.compactMap(\.self) + $0.captured })
  }
}
