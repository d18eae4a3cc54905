public import PithGraph
import PithKernels
public import PithTensors

/// An operator that is made of others: how to run it and its gradient follow from how it is put
/// together.
public protocol CompositeOperator: Operator {
  /// Adds nodes that compute the same and gives the outputs. Types of the inputs are known by then.
  func expand(_ inputs: [Value?], in graph: inout Graph) throws(GraphError) -> [Value]
}

extension CompositeOperator {
  /// The gradient of the parts, which are computed again.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    // Copies keep apart inputs that depend on one another.
    var copies: [Value?] = []
    for (input, wanted) in zip(node.inputs, wanted) {
      copies.append(wanted && input != nil ? try graph.add(Identity(), input) : input)
    }
    let parts = try expand(copies, in: &graph)
    var seeds: [Value: Value] = [:]
    for (part, gradient) in zip(parts, upstream) { seeds[part] = gradient ?? seeds[part] }
    let parameters = zip(copies, wanted).compactMap { $1 ? $0 : nil }
    var found = try graph.addGradients(from: seeds, for: parameters, sum: Add())[...]
    return zip(copies, wanted).map { copy, wanted in
      wanted && copy != nil ? found.popFirst() ?? nil : nil
    }
  }

  /// The kernels of the parts, one after the other.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    for operand in request.inputs {
      if let dtype = operand?.dtype, dtype == .float16 || dtype == .bfloat16 {
        throw .unsupported("\(dtype.rawValue) elements")
      }
    }
    var graph = Graph()
    let inputs = request.inputs.map { operand -> Value? in
      guard let operand else { return nil }
      if let constant = operand.constant { return graph.addWeight(nil, constant) }
      return graph.addInput("", TensorType(operand.dtype, operand.shape))
    }
    do {
      graph.setOutputs(
        Array(try expand(inputs, in: &graph).prefix(max(request.outputs.count, 1))))
    } catch {
      throw .unsupported(error.description)
    }
    graph.removeUnused()
    return try CompositePlan(graph, inputs, request).plan
  }
}
