import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// Measures H = 2 X X^T of layers while the network runs on samples, X holding the patches that a
/// layer's filters see as columns. Sums are in float64.
enum LayerHessians {
  /// Memory for the values of one batch.
  private static let mostBytes = 256 << 20

  /// One matrix for each group of each layer, its lower triangle filled.
  static func measure(
    _ layers: [LayerPatches], _ graph: Graph, _ data: TrainingData, _ samples: Int
  ) throws -> [[SymmetricMatrix]] {
    let split = data.train.spread(samples)
    let shape = try Loader(split, batch: 1, preprocessing: data.preprocessing).shape
    var watched = try graph.forInference()
      .withSample(Shape(Array(shape.dimensions.dropFirst())))
    var outputs: [Value: Int] = [:]
    for source in layers.flatMap(\.sources) where outputs[source.value] == nil {
      outputs[source.value] = outputs.count
    }
    let values = outputs.sorted { $0.value < $1.value }.map(\.key)
    watched.setOutputs(values)
    let single = try watched.withBatch(1)
    let bytes = values.reduce(1) { $0 + (single.type(of: $1)?.shape?.count ?? 0) * 4 }
    let batch = max(1, min(32, split.count, mostBytes / bytes))
    let loader = try Loader(split, batch: batch, preprocessing: data.preprocessing)
    let bound = try watched.withBatch(batch)
    try bound.check(input: loader.shape)
    let executable = try Executable(bound)
    var sums = layers.map { layer in
      [SymmetricMatrix](
        repeating: SymmetricMatrix(order: layer.layer.layout.length),
        count: layer.layer.layout.groups)
    }
    var room: [Double] = []
    try loader.epoch(0) { given in
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(given.paddedImages))
      executable.execute()
      for (index, layer) in layers.enumerated() {
        for source in layer.sources {
          guard let output = outputs[source.value], let shape = bound.type(of: source.value)?.shape
          else { continue }
          layer.add(
            source, executable.outputBytes(output).bindMemory(to: Float.self), shape,
            samples: given.count, to: &sums[index], room: &room)
        }
      }
    }
    return sums
  }
}
