import PithData
import PithGraph
import PithRuntime
import PithTensors

/// A network compiled for batches of a split, and the loader that makes them.
struct BatchedRun {
  /// (N, ...) of what the network gives for a batch.
  let output: Shape
  private let executable: Executable
  private let loader: Loader

  init(
    _ graph: Graph, _ split: Split, preprocessing: Preprocessing, batch: Int, workers: Int,
    sparse: SparseExecution = .dense
  ) throws {
    guard graph.inputs.count == 1 else { throw TrainingError.inputs(graph.inputs.count) }
    guard graph.outputs.count == 1 else { throw TrainingError.outputs(graph.outputs.count) }
    let batch = max(1, min(batch, split.count))
    loader = try Loader(split, batch: batch, preprocessing: preprocessing, workers: workers)
    let sample = Shape(Array(loader.shape.dimensions.dropFirst()))
    let bound = try graph.forInference().withSample(sample).withBatch(batch)
    try bound.check(input: loader.shape)
    executable = try Executable(bound, sparse: sparse)
    let type = bound.type(of: bound.outputs[0])
    guard let output = type?.shape, type?.dtype == .float32, output.dimensions.first == batch,
      output.count > 0
    else { throw TrainingError.outputShape(type?.description ?? "?") }
    self.output = output
  }

  /// Calls `body` with each batch and what the network gives for it, row by row.
  func run(_ body: (Batch, UnsafeBufferPointer<Float>) throws -> Void) throws {
    try loader.epoch(0) { batch in
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      executable.execute()
      try body(batch, executable.outputBytes(0).bindMemory(to: Float.self))
    }
  }
}
