public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// The graph in which channels are silent, and nothing is smaller: wherever a sum runs over them
  /// zeros stand in their places. It computes what the graph without the channels computes.
  ///
  /// - Parameter bound: the graph with the known shapes that the channels were found in.
  public func masking(_ removal: ChannelRemoval, bound: Graph) throws(GraphError) -> Graph {
    var result = self
    for sum in summedInputs(of: removal, bound: bound) {
      guard let node = node(sum.node), let value = node.inputs[sum.input],
        let type = type(of: value), let extent = bound.type(of: value)?.shape?[sum.axis]
      else { continue }
      var mask = [Float](repeating: 1, count: extent)
      for place in sum.places { mask[place] = 0 }
      var shape = Shape([Int](repeating: 1, count: type.rank))
      shape[sum.axis] = extent
      let factor = result.addWeight(nil, Tensor(mask, shape).converted(to: type.dtype))
      let current = result.node(sum.node)?.inputs[sum.input]
      let silent = try result.insert(Mul(), [current, factor], before: sum.node)[0]
      try result.modify(sum.node) { $0.inputs[sum.input] = silent }
    }
    return result
  }
}
