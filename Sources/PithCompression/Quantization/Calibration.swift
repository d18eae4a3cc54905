import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// Watches values of a network while it runs on samples of the training data.
struct Calibration {
  private(set) var histograms: [Value: Histogram] = [:]
  /// The mean of each value over all but its second axis, the channels.
  private(set) var means: [Value: [Double]] = [:]

  /// What the values of one batch may take: those that are still in the caches when they are looked
  /// at cost half as much.
  private static let batchBytes = 32 << 20

  /// Runs the network once on each of `samples` training samples, taken at equal distances. The
  /// extremes and means are of all elements.
  init(_ graph: Graph, _ values: [Value], _ data: TrainingData, samples: Int) throws {
    let count = min(samples, data.train.count)
    let split = data.train.subset((0..<count).map { $0 * data.train.count / count })
    let shape = try Loader(split, batch: 1, preprocessing: data.preprocessing).shape
    var network = try graph.withSample(Shape(Array(shape.dimensions.dropFirst())))
    network.setOutputs(values)
    network.removeUnused()
    let single = try network.withBatch(1)
    let shapes = values.map { single.type(of: $0)?.shape ?? [] }
    let bytes = shapes.reduce(1) { $0 + 4 * $1.count }
    let batch = max(1, min(32, count, Self.batchBytes / bytes))
    var batched = try network.withBatch(batch)
    let observations = zip(values, shapes).map { value, shape in
      Observation(
        shape, isBySample: batched.type(of: value)?.shape?.count == batch * shape.count,
        samples: count)
    }
    batched.setOutputs(try batched.observe(values, observations))
    let executable = try Executable(batched)
    try Loader(split, batch: batch, preprocessing: data.preprocessing).epoch(0) { batch in
      for observation in observations { observation.samples = batch.count }
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      executable.execute()
    }
    for (value, observation) in zip(values, observations) {
      histograms[value] = observation.histogram
      means[value] = observation.means
    }
  }
}

extension Graph {
  /// Has values looked at before they are used, and gives what stands for that having been done.
  fileprivate mutating func observe(_ values: [Value], _ observations: [Observation])
    throws(GraphError) -> [Value]
  {
    let nodes = nodes
    var signs: [Value] = []
    for (value, observation) in zip(values, observations) {
      if let user = nodes.first(where: { $0.inputs.contains(value) }) {
        signs += try insert(Observe(observation), [value], before: user.id)
      } else {
        signs += try add(Observe(observation), [value])
      }
    }
    return signs
  }
}
