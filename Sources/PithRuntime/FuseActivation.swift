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
      let function = graph.fusibleActivation(of: node),
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
}

extension Graph {
  /// The function that a node applies to each element, where the kernels before it can apply it
  /// too.
  func fusibleActivation(of node: Node) -> Activation? {
    switch activation(of: node) {
    case let function?:
      switch function {
      case .relu, .clip, .leakyRelu, .sigmoid, .tanh, .hardSwish, .hardSigmoid, .elu: function
      default: nil
      }
    case nil: nil
    }
  }
}
