import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// What follows a float value, each step its only use, up to where it is stored as bytes.
struct Tail {
  /// What the value is added to, bytes of its shape.
  private(set) var summand: (value: Value, grid: Grid)?
  private(set) var activations: [Activation] = []
  /// The grid of the bytes; nil where the value stays a float.
  private(set) var grid: Grid?
  /// The last value, which the new node is to make, and the node that made it.
  private(set) var output: Value
  private(set) var last: Node.ID?
  private(set) var nodes: Set<Node.ID> = []

  /// - Parameter adds: whether a sum with bytes may be part of it.
  init(of value: Value, in graph: Graph, _ connections: Connections, adds: Bool) {
    output = value
    while grid == nil, let position = connections.soleConsumer(of: output) {
      let node = graph.nodes[position]
      if node.operator is QuantizeLinear, node.inputs[0] == output, let found = graph.grid(of: node)
      {
        grid = found
      } else if let activation = graph.activation(of: node), node.inputs[0] == output {
        activations.append(activation)
      } else if adds, summand == nil, activations.isEmpty, node.operator is Add,
        let other = node.inputs.first(where: { $0 != output }),
        let bytes = graph.bytes(behind: other, connections),
        let made = node.output, graph.type(of: bytes.value)?.shape == graph.type(of: made)?.shape,
        graph.type(of: output)?.shape == graph.type(of: made)?.shape
      {
        summand = bytes
      } else {
        break
      }
      guard let next = node.output else { break }
      output = next
      last = node.id
      nodes.insert(node.id)
    }
  }

  /// Nothing but a bound to the values, in bytes of the grid; nil where a function does more.
  var bounds: ClosedRange<Int>? {
    guard let grid else { return nil }
    var (low, high) = (grid.range.lowerBound, grid.range.upperBound)
    for activation in activations {
      switch activation {
      case .relu: low = max(low, grid.number(for: 0))
      case .clip(let least, let most):
        low = max(low, grid.number(for: least))
        high = min(high, grid.number(for: most))
      default: return nil
      }
    }
    return low <= high ? low...high : nil
  }
}

extension Graph {
  /// The elementwise function of one value that a node is, where kernels have it as a last step.
  func activation(of node: Node) -> Activation? {
    if node.operator is Relu { return .relu }
    if node.operator is Clip {
      var bounds = [-Float.greatestFiniteMagnitude, Float.greatestFiniteMagnitude]
      for (slot, bound) in node.inputs.dropFirst().prefix(2).enumerated() {
        guard let bound else { continue }
        guard let value = constant(bound), value.dtype == .float32, let number = value.floats.first
        else { return nil }
        bounds[slot] = number
      }
      return .clip(low: bounds[0], high: bounds[1])
    }
    return (node.operator as? any ActivationOperator)?.function
  }
}
