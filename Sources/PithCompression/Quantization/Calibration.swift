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

  /// Memory for the values of one batch: what is still in the caches when it is looked at costs
  /// half as much.
  private static let batchBytes = 32 << 20
  /// Elements that tell how a value is distributed: of a larger one, some at equal distances.
  private static let countedElements = 1 << 20

  /// Runs the network once on each of `samples` training samples, taken at equal distances. The
  /// extremes and means are of all elements.
  init(_ graph: Graph, _ values: [Value], _ data: TrainingData, samples: Int) throws {
    let count = min(samples, data.train.count)
    let split = data.train.subset((0..<count).map { $0 * data.train.count / count })
    let shape = try Loader(split, batch: 1, preprocessing: data.preprocessing).shape
    var network = try graph.withSample(Shape(Array(shape.dimensions.dropFirst())))
    network.setOutputs(values)
    let single = try network.withBatch(1)
    let shapes = values.map { single.type(of: $0)?.shape ?? [] }
    let bytes = shapes.reduce(1) { $0 + 4 * $1.count }
    let batch = max(1, min(32, count, Self.batchBytes / bytes))
    let batched = try network.withBatch(batch)
    let isBySample = zip(values, shapes).map { value, shape in
      batched.type(of: value)?.shape?.count == batch * shape.count
    }
    let observations = Observations(
      zip(shapes, isBySample).map { shape, isBySample in
        let channels = isBySample && shape.rank > 1 && shape.count > 0 ? shape[1] : 1
        return Observations.Watched(
          channels: channels, inner: isBySample ? max(1, shape.count / channels) : 1,
          step: Self.step(shape.count, samples: count))
      })
    let executable = try Executable(batched)
    try Loader(split, batch: batch, preprocessing: data.preprocessing).epoch(0) { batch in
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      executable.execute()
      observations.add { index in
        let elements = executable.outputBytes(index).bindMemory(to: Float.self)
        // The rows of samples that there are; values without a row for each are looked at whole.
        let count =
          isBySample[index] ? elements.count / batch.shape[0] * batch.count : elements.count
        return UnsafeBufferPointer(rebasing: elements[..<count])
      }
    }
    for (index, value) in values.enumerated() {
      histograms[value] = observations.histogram(of: index)
      let shape = shapes[index]
      guard isBySample[index], shape.rank > 1, shape.count > 0 else { continue }
      let elements = Double(count * (shape.count / shape[1]))
      means[value] = observations.sums(of: index).map { $0 / elements }
    }
  }

  /// The distance between elements that are counted: it shares no factor with the elements of a
  /// sample, so that all places have their turn.
  private static func step(_ elements: Int, samples: Int) -> Int {
    let (total, isMore) = elements.multipliedReportingOverflow(by: samples)
    var step = isMore ? samples : max(1, total / countedElements)
    while greatestCommonDivisor(step, elements) > 1 { step += 1 }
    return step
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
