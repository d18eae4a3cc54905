public import PithGraph
import PithKernels
import PithOperators
import PithTensors

extension Graph {
  /// Replaces nodes whose outputs do not depend on the inputs or the state by their values. What
  /// cannot be computed here stays, and is told when the graph is compiled.
  ///
  /// - Parameter keepsBytes: leaves weights that are stored as 8-bit integers as they are.
  public mutating func foldConstants(keepingBytes keepsBytes: Bool = false) {
    let states = Set(updates.map(\.state))
    var folded: Set<Node.ID> = []
    var uses = usesOfConstants
    for node in nodes where node.captured.isEmpty && !(node.operator is OpaqueOperator) {
      let outputs = node.outputs.compactMap(\.self)
      if keepsBytes, decodesBytes(node) { continue }
      guard !outputs.isEmpty, !node.inputs.contains(where: { $0.map(states.contains) ?? false })
      else { continue }
      if let known = outputs.compactMap({ fact(of: $0)?.knownTensor }) as [Tensor]?,
        known.count == outputs.count
      {
        for (output, tensor) in zip(outputs, known) { setWeight(output, tensor) }
        folded.insert(node.id)
        forget(node.inputs, &uses)
        continue
      }
      let constants = node.inputs.map { $0.flatMap { weights[$0] ?? fact(of: $0)?.knownTensor } }
      guard zip(node.inputs, constants).allSatisfy({ $0 == nil || $1 != nil }),
        !node.inputs.isEmpty, isWorthKeeping(outputs, constants),
        let results = try? evaluate(node, constants)
      else { continue }
      for (output, tensor) in zip(node.outputs, results) {
        if let output, let tensor { setWeight(output, tensor) }
      }
      folded.insert(node.id)
      forget(node.inputs, &uses)
    }
    removeNodes(folded)
    removeUnused()
  }

  /// How often each value is used, by nodes, as an output or by an update.
  private var usesOfConstants: [Value: Int] {
    var uses: [Value: Int] = [:]
    for node in nodes {
      for input in node.inputs.compactMap(\.self) + node.captured { uses[input, default: 0] += 1 }
    }
    for value in outputs + updates.flatMap({ [$0.state, $0.next] }) { uses[value, default: 0] += 1 }
    return uses
  }

  /// Lets weights go that a folded node was the last to use: a network of gigabytes is decoded in
  /// stages, of which only the last should be held for all layers.
  private mutating func forget(_ inputs: [Value?], _ uses: inout [Value: Int]) {
    for case let input? in inputs {
      uses[input, default: 1] -= 1
      if uses[input] == 0, weights[input] != nil { removeWeight(input) }
    }
  }

  /// Whether results are not much larger than what they are made of: a file of a few bytes may ask
  /// for terabytes of zeros.
  private func isWorthKeeping(_ outputs: [Value], _ constants: [Tensor?]) -> Bool {
    let results = outputs.compactMap { type(of: $0) }.reduce(0) { sum, type in
      sum + type.dtype.bytes(for: type.shape?.count ?? 0)
    }
    return results <= 64 << 20 + 4 * constants.reduce(0) { $0 + ($1?.byteCount ?? 0) }
  }

  private func decodesBytes(_ node: Node) -> Bool {
    guard node.operator is DequantizeLinear, let data = node.inputs.first ?? nil else {
      return false
    }
    return [.int8, .uint8].contains(type(of: data)?.dtype)
  }

  /// Runs one node on known inputs.
  func evaluate(_ node: Node, _ constants: [Tensor?]) throws(GraphError) -> [Tensor?] {
    var graph = Graph()
    let inputs = constants.map { tensor in
      tensor.map { graph.addInput("", TensorType($0.dtype, $0.shape)) }
    }
    for (input, tensor) in zip(inputs, constants) {
      if let input, let tensor { graph.setFact(Fact(constant: tensor), of: input) }
    }
    let facts = try graph.infer(node.operator, inputs, node: node.name) ?? []
    let outputs = node.outputs.indices.map { index in
      node.outputs[index] == nil
        ? nil : graph.declare(nil, index < facts.count ? facts[index] : nil)
    }
    graph.append(node.operator, inputs, outputs: outputs, name: node.name)
    for case let output? in outputs { graph.addOutput(output) }
    let executable = try Executable(compiling: graph)
    var results = try executable.run(constants.compactMap(\.self))[...]
    return outputs.map { $0 == nil ? nil : results.popFirst() }
  }
}
