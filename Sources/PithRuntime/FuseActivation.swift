public import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// An elementwise function behind a convolution or a matrix product is computed with it, before the
/// result leaves the registers.
public struct FuseActivation: Rewrite {
  public let name = "fuse activation"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard let input = node.inputs.first, let input, let output = node.output,
      let function = function(of: node, in: graph),
      let position = connections.producer[input], connections.soleConsumer(of: input) != nil
    else { return nil }
    let target = graph.nodes[position]
    let fused: any Operator
    if let convolution = target.as(Conv.self), convolution.post.activation == nil {
      fused = convolution.adding(
        PostOperations(sum: convolution.post.sum, activation: function))
    } else if let gemm = target.as(Gemm.self), gemm.post.isEmpty {
      fused = gemm.adding(PostOperations(activation: function))
    } else {
      return nil
    }
    return Edit("\(node.name) into \(target.name)") { (graph) throws(GraphError) in
      let result = try graph.insert(fused, target.inputs, before: node.id, name: target.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes([node.id, target.id])
    }
  }

  private func function(of node: Node, in graph: Graph) -> Activation? {
    if node.operator is Relu { return .relu }
    if node.operator is Clip {
      var bounds = [-Float.greatestFiniteMagnitude, Float.greatestFiniteMagnitude]
      for (slot, bound) in node.inputs.dropFirst().prefix(2).enumerated() {
        guard let bound else { continue }
        guard let value = graph.fact(of: bound)?.constant?.floats.first else { return nil }
        bounds[slot] = value
      }
      return .clip(low: bounds[0], high: bounds[1])
    }
    guard let activation = node.operator as? any ActivationOperator else { return nil }
    switch activation.function {
    case .relu, .leakyRelu, .sigmoid, .tanh, .hardSwish, .hardSigmoid, .elu:
      return activation.function
    default: return nil
    }
  }
}
