public import PithData
public import PithGraph
import PithRuntime
import PithTensors

extension Graph {
  /// The network with its running statistics measured anew over some batches; weights stay as they
  /// are. To be done after pruning, quantization or anything else that shifts activations.
  ///
  /// Each running mean and variance becomes the mean of those of the batches, every layer seeing
  /// what the layers before it give when they too normalise by the batch.
  ///
  /// - Parameters:
  ///   - count: batches to measure; the samples are drawn in an order that `seed` decides.
  /// - Returns: the network itself where it has no normalisation.
  public func refreshingStatistics(
    on split: Split, preprocessing: Preprocessing, batch: Int = 128, batches count: Int = 50,
    seed: UInt64 = 1
  ) throws -> Graph {
    guard split.count > 0, count > 0 else {
      throw TrainingError.setting("batches", reason: "there is nothing to measure statistics on")
    }
    let batch = max(1, min(batch, split.count))
    let loader = try Loader(
      split, batch: batch, preprocessing: preprocessing, shuffle: true, dropLast: true, seed: seed)
    let sample = Shape(Array(loader.shape.dimensions.dropFirst()))
    var graph = try withSample(sample).withBatch(batch)
    try graph.check(input: loader.shape)
    let statistics = try graph.useBatchStatistics(momentum: 0)
    if statistics.isEmpty { return self }
    for statistic in statistics {
      let shape = graph.weights[statistic.running]?.shape ?? []
      graph.setWeight(statistic.running, Tensor(.float32, shape))
      graph.forgetConstant(statistic.running)
      graph.addUpdate(statistic.running, to: try statistic.add(to: &graph))
    }
    graph.setOutputs([])
    graph.removeUnused()
    let executable = try Executable(graph)
    var means = try StatisticMeans(statistics.map(\.running), executable)
    let epochs = (count + loader.batchCount - 1) / loader.batchCount
    for epoch in 0..<epochs {
      try loader.epoch(epoch) { batch in
        guard means.count < count else { return }
        executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
        executable.execute()
        try means.add(executable)
      }
    }
    var result = self
    for (value, tensor) in means.tensors { result.setWeight(value, tensor) }
    return result
  }
}

/// Means over batches of what an executable's states hold after each.
private struct StatisticMeans {
  private let values: [Value]
  private let shapes: [Shape]
  private var sums: [[Double]]
  private(set) var count = 0

  init(_ values: [Value], _ executable: Executable) throws {
    self.values = values
    shapes = try values.map { try executable.state(of: $0).shape }
    sums = shapes.map { [Double](repeating: 0, count: $0.count) }
  }

  mutating func add(_ executable: Executable) throws {
    for (index, value) in values.enumerated() {
      try executable.state(of: value).read(as: Float.self) { numbers in
        for place in numbers.indices { sums[index][place] += Double(numbers[place]) }
      }
    }
    count += 1
  }

  var tensors: [(Value, Tensor)] {
    values.indices.map { index in
      (values[index], Tensor(sums[index].map { Float($0 / Double(max(count, 1))) }, shapes[index]))
    }
  }
}
