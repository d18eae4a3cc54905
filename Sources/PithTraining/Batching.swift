public import PithGraph
import PithOperators
public import PithTensors

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

  /// Puts open dimensions other than the batch to the sizes of one sample of the data. What the
  /// data hold as (1, T, F) may be a sequence (T, F) to the network.
  public func withSample(_ shape: Shape) throws(GraphError) -> Graph {
    guard inputs.count == 1, let type = type(of: inputs[0]) else { return self }
    var sizes = shape.dimensions[...]
    while sizes.count >= type.rank, sizes.first == 1 { sizes.removeFirst() }
    guard type.rank == sizes.count + 1,
      type.dimensions.dropFirst().contains(where: { $0.size == nil })
    else { return self }
    let fixed = zip(type.dimensions.dropFirst(), sizes).map { dimension, size in
      dimension.size == nil ? Dimension.fixed(size) : dimension
    }
    return try binding(inputs: [TensorType(type.dtype, [type.dimensions[0]] + fixed)])
  }

  /// Throws unless the network, bound to a batch, reads float batches of this shape, axes of one
  /// apart, or as many numbers in rows.
  package func check(input shape: Shape) throws(TrainingError) {
    let type = inputs.first.flatMap { self.type(of: $0) }
    if let own = type?.shape, type?.dtype == .float32 {
      if own.dimensions.first == shape.dimensions.first, own.isSame(as: shape) { return }
      if own.count == shape.count, own[0] == shape[0], min(own.rank, shape.rank) == 2 { return }
    }
    throw .inputShape(network: type?.description ?? "?", data: shape.description)
  }
}

extension Shape {
  /// Whether both are one shape when axes of one element are left out.
  fileprivate func isSame(as other: Shape) -> Bool {
    dimensions.filter { $0 != 1 } == other.dimensions.filter { $0 != 1 }
  }

  /// Throws unless this output of a batch is what targets ask for, axes of one apart.
  func check(targets: Shape) throws(TrainingError) {
    let sample = Shape(Array(dimensions.dropFirst()))
    guard sample.isSame(as: targets) else {
      throw .targetShape(network: "\(sample) a sample", data: "\(targets)")
    }
  }
}
