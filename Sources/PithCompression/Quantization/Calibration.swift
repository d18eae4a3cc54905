import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// Watches values of a network while it runs on samples of the training data.
struct Calibration {
  private(set) var histograms: [Value: Histogram] = [:]

  /// Memory for the values of one batch.
  private static let mostBytes = 256 << 20

  /// Two passes over `samples` training samples, taken at equal distances: the first finds each
  /// value's extremes, the second how its elements are distributed between them.
  init(_ graph: Graph, _ values: [Value], _ data: TrainingData, samples: Int) throws {
    let count = min(samples, data.train.count)
    let split = data.train.subset((0..<count).map { $0 * data.train.count / count })
    let shape = try Loader(split, batch: 1, preprocessing: data.preprocessing).shape
    var watched = try graph.withSample(Shape(Array(shape.dimensions.dropFirst())))
    watched.setOutputs(values)
    let single = try watched.withBatch(1)
    let bytes = values.reduce(1) { $0 + (single.type(of: $1)?.shape?.count ?? 0) * 4 }
    let batch = max(1, min(32, count, Self.mostBytes / bytes))
    let loader = try Loader(split, batch: batch, preprocessing: data.preprocessing)
    let executable = try Executable(watched.withBatch(batch))
    var found = [Histogram](repeating: Histogram(low: 0, high: 0), count: values.count)
    try Self.run(executable, loader) { index, elements in
      let (low, high) = Self.extremes(elements)
      found[index] = Histogram(low: min(low, found[index].low), high: max(high, found[index].high))
    }
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
        let elements = executable.outputBytes(index).bindMemory(to: Float.self)
        // The rows of samples that there are; values without a row for each are looked at whole.
        let isByRow = elements.count % batch.shape[0] == 0
        let count =
          isByRow ? elements.count / batch.shape[0] * batch.count : elements.count
        look(index, UnsafeBufferPointer(rebasing: elements[..<count]))
      }
    }
  }

  /// The smallest and largest finite elements, or zero.
  private static func extremes(_ elements: UnsafeBufferPointer<Float>) -> (Float, Float) {
    var (low, high) = (Float(0), Float(0))
    for element in elements where element.magnitude <= .greatestFiniteMagnitude {
      low = element < low ? element : low
      high = element > high ? element : high
    }
    return (low, high)
  }
}
