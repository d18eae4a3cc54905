import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// Watches values of a network while it runs on samples of the training data.
struct Calibration {
  private(set) var histograms: [Value: Histogram] = [:]

  /// Two passes over the first `samples` training samples: the first finds each value's extremes,
  /// the second how its elements are distributed between them.
  init(_ graph: Graph, _ values: [Value], _ data: TrainingData, samples: Int) throws {
    let split = data.train.prefix(samples)
    let batch = max(1, min(32, split.count))
    let loader = try Loader(split, batch: batch, preprocessing: data.preprocessing, dropLast: true)
    var watched = try graph.withSample(Shape(Array(loader.shape.dimensions.dropFirst())))
    watched.setOutputs(values)
    let executable = try Executable(watched.withBatch(batch))
    var extremes = [(Float, Float)](repeating: (0, 0), count: values.count)
    try Self.run(executable, loader) { index, elements in
      for element in elements where element.isFinite {
        extremes[index].0 = min(extremes[index].0, element)
        extremes[index].1 = max(extremes[index].1, element)
      }
    }
    var found = extremes.map { Histogram(low: $0.0, high: $0.1) }
    try Self.run(executable, loader) { index, elements in found[index].add(elements) }
    for (value, histogram) in zip(values, found) { histograms[value] = histogram }
  }

  private static func run(
    _ executable: Executable, _ loader: Loader,
    _ look: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    try loader.epoch(0) { batch in
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      executable.execute()
      for index in executable.graph.outputs.indices {
        look(index, executable.outputBytes(index).bindMemory(to: Float.self))
      }
    }
  }
}
