import PithGraph
import PithTraining

/// Measures H = 2 X X^T of layers while the network runs on samples, X holding the patches that a
/// layer's filters see as columns. Sums are in float64.
enum LayerHessians {
  /// One matrix for each group of each layer, its lower triangle filled.
  static func measure(
    _ layers: [LayerPatches], _ graph: Graph, _ data: TrainingData, _ samples: Int
  ) throws -> [[SymmetricMatrix]] {
    var places: [Value: Int] = [:]
    for source in layers.flatMap(\.sources) where places[source.value] == nil {
      places[source.value] = places.count
    }
    let values = places.sorted { $0.value < $1.value }.map(\.key)
    let networks = try WatchedNetworks([(graph, values)], data, samples: samples)
    var sums = layers.map { layer in
      [SymmetricMatrix](
        repeating: SymmetricMatrix(order: layer.layer.layout.length),
        count: layer.layer.layout.groups)
    }
    var room: [Double] = []
    try networks.forEachBatch { count, readings in
      for (index, layer) in layers.enumerated() {
        for source in layer.sources {
          guard let place = places[source.value] else { continue }
          let reading = readings[0][place]
          layer.add(
            source, reading.elements, reading.shape, samples: count, to: &sums[index], room: &room)
        }
      }
    }
    return sums
  }
}
