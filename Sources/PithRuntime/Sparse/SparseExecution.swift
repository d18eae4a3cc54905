import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// How layers whose weights are mostly zeros are computed.
public enum SparseExecution: String, Sendable, CaseIterable {
  /// Each layer in the way that was faster on this machine.
  case auto
  /// As if zeros were numbers like others.
  case dense
  /// Skipping zeros in every layer that can.
  case sparse

  /// Share of zeros from which a layer counts as sparse.
  static let threshold = 0.5
}

extension Graph {
  /// The graph with its sparse layers computed in the way that is asked for.
  func choosing(_ execution: SparseExecution) throws(GraphError) -> Graph {
    guard execution != .dense, updates.isEmpty else { return self }
    let layers = nodes.compactMap { node in sparseForm(of: node).map { (node.id, $0) } }
    let chosen = layers.filter { execution == .sparse || isFaster($1, at: $0) }
    guard !chosen.isEmpty else { return self }
    var result = self
    for (id, form) in chosen { try result.replaceOperator(of: id, with: form) }
    guard execution == .auto else { return result }
    // Kernels that are faster one by one may cost more in re-orders between them.
    let whole = nodes.map(\.operator.name) + layers.map { question($1, at: $0) }
    let wins = KernelChoices.shared.answer(to: "network: " + whole.joined(separator: " ")) {
      (try? SparseTiming.isFaster(result, than: self)) ?? false
    }
    return wins ? result : self
  }

  /// The operator that skips the zeros of a node's weight; nil where there are few, or it cannot.
  private func sparseForm(of node: Node) -> (any Operator)? {
    guard node.inputs.count > 1, let weight = node.inputs[1],
      let tensor = fact(of: weight)?.constant, tensor.dtype == .float32, tensor.count > 0,
      Double(tensor.floats.count { $0 == 0 }) >= SparseExecution.threshold * Double(tensor.count)
    else { return nil }
    let form: any Operator
    if let convolution = node.as(Conv.self) {
      form = SparseConv(convolution)
    } else if let gemm = node.as(Gemm.self), !gemm.transA, gemm.post.isRange, !gemm.post.sum {
      guard hasRowBias(node, gemm, outputs: tensor.shape[gemm.transB ? 0 : 1]) else { return nil }
      form = SparseMatMul(
        SparseProduct(isTransposed: gemm.transB, scale: gemm.alpha, post: gemm.post))
    } else if node.operator is MatMul, tensor.shape.rank == 2 {
      form = SparseMatMul(SparseProduct(isTransposed: false))
    } else {
      return nil
    }
    return canRun(form, node.inputs) ? form : nil
  }

  /// Whether a Gemm's third input is a known bias of the columns, or there is none.
  private func hasRowBias(_ node: Node, _ gemm: Gemm, outputs: Int) -> Bool {
    guard node.inputs.count > 2, let bias = node.inputs[2] else { return true }
    guard gemm.beta == 1, let tensor = constant(bias) else { return false }
    return tensor.shape == [outputs] || tensor.shape == [1, outputs]
  }

  private func isFaster(_ form: any Operator, at id: Node.ID) -> Bool {
    guard let node = nodes.first(where: { $0.id == id }) else { return false }
    let (dense, sparse) = (alone(node, node.operator), alone(node, form))
    return KernelChoices.shared.answer(to: question(form, at: id)) {
      (try? SparseTiming.isFaster(sparse, than: dense, countingReorders: false)) ?? false
    }
  }

  /// What decides about a layer's speed, in words.
  private func question(_ form: any Operator, at id: Node.ID) -> String {
    guard let node = nodes.first(where: { $0.id == id }) else { return "" }
    let types = (node.inputs + node.outputs).map { value in
      value.flatMap { type(of: $0)?.description } ?? "-"
    }
    let weight = constant(node.inputs[1])?.floats ?? []
    let share = weight.count { $0 != 0 } * 100 / max(weight.count, 1)
    let settings = node.operator.attributes.values.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }
    let words = [form.name] + settings + types + ["\(share) % not zero; "]
    return words.joined(separator: " ")
  }

  /// A graph of one layer, its data inputs and its constants.
  private func alone(_ node: Node, _ form: any Operator) -> Graph {
    var graph = Graph()
    let inputs = node.inputs.map { value -> Value? in
      guard let value else { return nil }
      if let tensor = constant(value) { return graph.addWeight(name(of: value), tensor) }
      return graph.addInput(name(of: value), type(of: value)!)
    }
    let output = graph.declare("out", node.outputs[0].flatMap { fact(of: $0) })
    graph.append(form, inputs, outputs: [output], name: node.name)
    graph.addOutput(output)
    return graph
  }

  private mutating func replaceOperator(of id: Node.ID, with form: any Operator)
    throws(GraphError)
  {
    guard let node = nodes.first(where: { $0.id == id }), let output = node.outputs[0] else {
      return
    }
    let result = try insert(form, node.inputs, before: id, name: node.name)[0]
    replaceUses(of: output, with: result)
    removeNodes([id])
  }
}
