public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// The graph for another batch size: the first axis of every input is set to it.
  ///
  /// Networks exported for one fixed batch name it in their Reshape targets too; a leading extent
  /// there that equals the old batch becomes "as in the input".
  public func withBatch(_ batch: Int) throws(GraphError) -> Graph {
    var graph = self
    var types: [TensorType] = []
    var oldBatch: Int?
    for input in inputs {
      guard var type = type(of: input), let first = type.dimensions.first else {
        throw .invalid("input '\(name(of: input))' has no batch axis")
      }
      oldBatch = first.size ?? oldBatch
      type.dimensions[0] = .fixed(batch)
      types.append(type)
    }
    if let oldBatch, oldBatch != batch {
      for node in graph.nodes where node.operator is Reshape {
        guard let data = node.inputs[0], graph.fact(of: data)?.constant == nil,
          let target = node.inputs.count > 1 ? node.inputs[1] : nil,
          var sizes = graph.weights[target]?.integers, sizes.count > 1, sizes[0] == oldBatch
        else { continue }
        sizes[0] = sizes.contains(-1) ? batch : -1
        let value = graph.addWeight(nil, Tensor(sizes.map(Int64.init)))
        try graph.modify(node.id) { $0.inputs[1] = value }
      }
    }
    return try graph.binding(inputs: types)
  }

  /// Bytes that the largest value of a part may take: what lies in the caches is read in half the time.
  private static let mostBytes = 20 << 20

  /// The network for a part of its batch, and how many parts there are; nil where samples meet, where
  /// the batch does not come out even in parts of some size, and where it is small as it is.
  package func sliced() -> (graph: Graph, count: Int)? {
    let batches = Set(inputs.map { type(of: $0)?.shape?.dimensions.first })
    guard updates.isEmpty, batches.count == 1, let batch = batches.first ?? nil, batch > 1 else {
      return nil
    }
    let bytes = nodes.reduce(0) { max($0, largestOutput(of: $1)) }
    guard bytes > Self.mostBytes,
      let count = (2...batch).first(where: {
        batch % $0 == 0 && bytes / $0 <= Self.mostBytes || $0 == batch
      }), bytes / count >= Self.mostBytes / 4, areSamplesApart(batch),
      let part = try? withBatch(batch / count),
      part.outputs.allSatisfy({ part.type(of: $0)?.shape?.dimensions.first == batch / count })
    else { return nil }
    return (part, count)
  }

  private func largestOutput(of node: Node) -> Int {
    node.outputs.reduce(0) { most, value in
      guard let value, let type = type(of: value), let shape = type.shape else { return most }
      return max(most, type.dtype.bytes(for: shape.count))
    }
  }

  /// Whether axis 0 of all inputs and outputs counts samples of which none depends on another.
  private func areSamplesApart(_ batch: Int) -> Bool {
    var perSample = Set(inputs)
    for node in nodes {
      let slots = node.inputs.indices.filter { node.inputs[$0].map(perSample.contains) ?? false }
      guard !slots.isEmpty else { continue }
      guard node.captured.isEmpty else { return false }
      let outputs = node.outputs.map { $0.flatMap { fact(of: $0) } }
      let links = node.operator.axes(inputFacts(of: node), outputs)
      for (slot, output) in node.outputs.enumerated() where output != nil {
        guard outputs[slot]?.type.shape?.dimensions.first == batch,
          links.keepsSamples(of: slots, in: slot, batch)
        else { return false }
      }
      perSample.formUnion(node.outputs.compactMap(\.self))
    }
    return outputs.allSatisfy(perSample.contains)
  }
}

extension AxisLinks {
  /// Whether place i of axis 0 of an output goes with place i of axis 0 of some inputs, and with
  /// nothing else.
  fileprivate func keepsSamples(of inputs: [Int], in output: Int, _ batch: Int) -> Bool {
    let own = OperandAxis.output(output, 0)
    let sources = Set(inputs.map { OperandAxis.input($0, 0) })
    let all = sources.union([own])
    guard all.allSatisfy({ reason(against: $0) == nil }), summed.isDisjoint(with: all),
      !factorings.contains(where: { factoring in
        (factoring.before + factoring.after).contains { all.contains($0.axis) }
      })
    else { return false }
    var linked: Set<OperandAxis> = []
    for link in links {
      let ends = [link.first, link.second]
      guard ends.contains(where: all.contains) else { continue }
      guard link.runs == [AxisLink.Run(0, 0, count: batch)],
        ends.allSatisfy({ $0.isOutput && $0.axis == 0 || sources.contains($0) })
      else { return false }
      if ends.contains(own) { linked.formUnion(ends) }
    }
    return sources.isSubset(of: linked)
  }
}

extension OperandAxis {
  fileprivate var isOutput: Bool { if case .output = operand { true } else { false } }
}
