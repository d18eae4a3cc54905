import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// Networks that run on the same samples of the training data, and values of theirs that are looked
/// at.
struct WatchedNetworks {
  /// A value as it is for a batch.
  struct Reading {
    let elements: UnsafeBufferPointer<Float>
    let shape: Shape
  }

  /// Memory for the values of one batch.
  private static let mostBytes = 256 << 20

  private let loader: Loader
  private let executables: [Executable]
  private let shapes: [[Shape]]

  /// - Parameters:
  ///   - networks: each with the values to look at, which are of float32.
  ///   - samples: how many to take, at equal distances, of the training data.
  init(
    _ networks: [(graph: Graph, values: [Value])], _ data: TrainingData, samples: Int
  ) throws {
    let split = data.train.spread(samples)
    let shape = try Loader(split, batch: 1, preprocessing: data.preprocessing).shape
    let watched = try networks.map { network in
      var graph = try network.graph.forInference()
        .withSample(Shape(Array(shape.dimensions.dropFirst())))
      graph.setOutputs(network.values)
      graph.removeUnused()
      return graph
    }
    let bytes = try watched.reduce(1) { sum, graph in
      let single = try graph.withBatch(1)
      return single.outputs.reduce(sum) { $0 + (single.type(of: $1)?.shape?.count ?? 0) * 4 }
    }
    let batch = max(1, min(32, split.count, Self.mostBytes / bytes))
    loader = try Loader(split, batch: batch, preprocessing: data.preprocessing)
    let bound = try watched.map { try $0.withBatch(batch) }
    for graph in bound { try graph.check(input: loader.shape) }
    shapes = bound.map { graph in graph.outputs.map { graph.type(of: $0)?.shape ?? [0] } }
    executables = try bound.map { try Executable($0) }
  }

  /// Calls `body` for each batch with the number of its samples, which come first, and each
  /// network's values.
  func forEachBatch(_ body: (_ count: Int, _ readings: [[Reading]]) throws -> Void) throws {
    try loader.epoch(0) { given in
      let readings = zip(executables, shapes).map { executable, shapes in
        executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(given.paddedImages))
        executable.execute()
        return shapes.indices.map { index in
          Reading(
            elements: executable.outputBytes(index).bindMemory(to: Float.self),
            shape: shapes[index])
        }
      }
      try body(given.count, readings)
    }
  }
}
