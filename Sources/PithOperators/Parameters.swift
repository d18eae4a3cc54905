public import PithGraph
import PithTensors

/// A constant that an operator uses as a weight, bias, scale or statistic.
public struct Parameter: Sendable {
  /// How the values are kept in the graph.
  public enum Form: Sendable, Hashable {
    case plain
    /// Gather(codebook, indices): every weight is one of few values.
    case shared(indices: Value)
    /// DequantizeLinear(integers, scale, zero point).
    case quantized
  }

  public let role: WeightRole
  /// The constant itself; for shared weights the codebook, for quantized ones the integers.
  public let root: Value
  public let form: Form
  /// What the operator is given: `root`, or a value computed from it.
  public let operand: Value
  /// The node that uses it first.
  public let node: Node.ID

  /// The number of weights, which a codebook does not tell.
  public func count(in graph: Graph) -> Int {
    switch form {
    case .plain, .quantized: graph.weights[root]?.count ?? 0
    case .shared(let indices): graph.weights[indices]?.count ?? 0
    }
  }
}

extension Graph {
  /// Every constant that some operator uses as a parameter, once each, in the order of use.
  public func parameters() -> [Parameter] {
    let connections = self.connections
    var seen: Set<Value> = []
    var result: [Parameter] = []
    for node in nodes {
      for (slot, input) in node.inputs.enumerated() {
        guard let input, let role = node.operator.role(ofInput: slot),
          let (root, form) = parameterRoot(of: input, connections),
          isParameter(root, role, node, connections), seen.insert(root).inserted
        else { continue }
        result.append(
          Parameter(role: role, root: root, form: form, operand: input, node: node.id))
      }
    }
    return result
  }

  /// A lone number that is added or multiplied is arithmetic, not something that was learnt, unless
  /// it is the bias of a layer of one output.
  private func isParameter(
    _ root: Value, _ role: WeightRole, _ node: Node, _ connections: Connections
  ) -> Bool {
    guard let tensor = weights[root] else { return false }
    guard tensor.count == 1 else { return tensor.count > 1 }
    if node.operator is Mul { return false }
    guard node.operator is Add else { return true }
    let producers = node.inputs.compactMap { $0.flatMap { connections.producer[$0] } }
    return tensor.shape.rank > 0
      && producers.contains { nodes[$0].operator is MatMul || nodes[$0].operator is Conv }
  }

  /// Follows a value back through what only moves or decodes it to the constant it comes from.
  private func parameterRoot(of value: Value, _ connections: Connections)
    -> (Value, Parameter.Form)?
  {
    var value = value
    for _ in 0..<16 {
      if let tensor = weights[value] { return tensor.dtype == .float32 ? (value, .plain) : nil }
      guard let position = connections.producer[value] else { return nil }
      let node = nodes[position]
      guard let first = node.inputs.first, let first else { return nil }
      switch node.operator {
      case is Gather:
        guard weights[first]?.dtype == .float32, let indices = node.inputs[1],
          let stored = storedIntegers(indices, connections)
        else { return nil }
        return (first, .shared(indices: stored))
      case let node where node.name == "DequantizeLinear":
        guard let stored = storedIntegers(first, connections) else { return nil }
        return (stored, .quantized)
      case is Identity, is Transpose, is Reshape, is Squeeze, is Unsqueeze, is Flatten:
        value = first
      default: return nil
      }
    }
    return nil
  }

  /// The constant behind integers that may have been widened.
  private func storedIntegers(_ value: Value, _ connections: Connections) -> Value? {
    var value = value
    for _ in 0..<8 {
      if weights[value] != nil { return value }
      guard let position = connections.producer[value],
        nodes[position].operator is Cast || nodes[position].operator is Reshape,
        let first = nodes[position].inputs.first, let first
      else { return nil }
      value = first
    }
    return nil
  }
}
