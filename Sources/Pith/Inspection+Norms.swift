import PithCompression
public import PithGraph
public import PithReports
import PithTensors

extension Inspection {
  /// The norms of the filters of each layer that can be pruned, in the order of use.
  public static func norms(of graph: Graph) -> [LayerNorms] {
    graph.prunableLayers().compactMap { layer in
      guard layer.layout.filters > 1, let weights = graph.weights[layer.weight]?.floats else {
        return nil
      }
      let norms = (0..<layer.layout.filters).map { filter in
        layer.layout.indices(filter: filter).reduce(0.0) { $0 + Double(weights[$1].magnitude) }
      }
      let node = layer.users.first.flatMap { graph.node($0)?.name }
      return LayerNorms(name: node ?? layer.name, l1: norms)
    }
  }
}

extension Recipe.Step {
  /// Whether it removes channels by a norm of their filters.
  var ranksByNorm: Bool {
    guard type == ChannelPruning.self, let word = try? values.text("criterion") else {
      return false
    }
    return channelCriteria.first { $0.name == word }?.isNorm ?? false
  }
}
