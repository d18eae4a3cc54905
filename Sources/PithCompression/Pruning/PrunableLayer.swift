public import PithGraph
import PithOperators
import PithTensors

/// A weight that can be pruned and the nodes that use it.
public struct PrunableLayer: Sendable {
  /// The stored weight.
  public let weight: Value
  public let name: String
  public let layout: FilterLayout
  /// Those that multiply data by it, in order.
  public let users: [Node.ID]
  /// The slot of the weight among the inputs of its users.
  let slot: Int
  /// Whether the stored matrix is what the nodes are given, perhaps transposed: nothing is known of
  /// the axes otherwise.
  let isPlain: Bool
}

extension Graph {
  /// Every weight of its own (not a codebook, not quantized), in the order of use.
  public func prunableLayers() -> [PrunableLayer] {
    let connections = self.connections
    return parameters().compactMap { parameter in
      guard parameter.role == .weight, parameter.form == .plain,
        let tensor = weights[parameter.root], tensor.count > 1,
        let node = node(parameter.node),
        let slot = node.inputs.firstIndex(of: parameter.operand)
      else { return nil }
      let turns = turns(from: parameter.operand, to: parameter.root, connections)
      let users = nodes.filter { $0.inputs.count > slot && $0.inputs[slot] == parameter.operand }
      return PrunableLayer(
        weight: parameter.root, name: name(of: parameter.root),
        layout: FilterLayout(of: tensor.shape, in: node, slot: slot, isTurned: turns == true),
        users: users.map(\.id), slot: slot, isPlain: turns != nil)
    }
  }

  /// Whether a matrix is transposed on its way from where it is stored; nil where more happens.
  private func turns(from operand: Value, to root: Value, _ connections: Connections) -> Bool? {
    var (value, turns) = (operand, false)
    while value != root {
      guard let position = connections.producer[value],
        let input = nodes[position].inputs.first, let input
      else { return nil }
      switch nodes[position].operator {
      case is Identity: break
      case is Transpose where weights[root]?.shape.rank == 2: turns.toggle()
      default: return nil
      }
      value = input
    }
    return turns
  }
}
