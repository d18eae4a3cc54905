public import PithGraph
public import PithTensors

extension Graph {
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
