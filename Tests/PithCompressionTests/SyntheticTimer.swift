import PithCompression
import PithGraph
import PithTensors

/// A clock that computes: a layer takes `fixed` and `perProduct` for each kept-in x kept-out, the
/// rest of the network `rest`, and the whole what `whole` makes of their sum.
struct SyntheticTimer: LatencyTimer {
  var fixed = 0.01
  var perProduct = 0.00001
  var rest = 0.02
  /// What the whole takes of the sum of its steps.
  var whole: @Sendable (Double) -> Double = { $0 }
  /// Channels that are computed at once: the others of a block cost as much as if they were there.
  var block = 1

  func rounds(of networks: [Graph], batch: Int) -> [[Double]] {
    networks.map { network in
      let time = whole(layers(network).reduce(rest) { $0 + $1.value }) * Double(batch)
      // A slow round meets all networks alike.
      return [time, time * 3, time]
    }
  }

  func profiles(of networks: [Graph], batch: Int) -> [LatencyProfile] {
    networks.map { network in
      let layers = layers(network)
      return LatencyProfile(
        whole: whole(layers.reduce(rest) { $0 + $1.value }) * Double(batch),
        steps: Dictionary(uniqueKeysWithValues: layers).merging(["a re-order": rest]) { $1 })
    }
  }

  /// The layers with weights of two axes or more, each with its time.
  private func layers(_ network: Graph) -> [(key: String, value: Double)] {
    network.nodes.compactMap { node in
      guard ["Conv", "Gemm"].contains(node.operator.name), let weight = node.inputs[1],
        let shape = network.weights[weight]?.shape
      else { return nil }
      let extents = shape.dimensions.prefix(2).map { ($0 + block - 1) / block * block }
      return (node.name, fixed + perProduct * Double(extents[0] * extents[1]))
    }
  }
}
