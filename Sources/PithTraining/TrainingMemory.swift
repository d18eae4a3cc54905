import PithGraph
import PithRuntime
import PithTensors

/// The memory of a training step, and what it costs to keep to it.
public struct TrainingMemory: Sendable, Hashable {
  /// Bytes of intermediate values, weights, statistics and the optimizer's memory; and of a teacher's
  /// intermediate values.
  public var bytes: Int
  /// Share of the forward pass's multiply-accumulates that are done twice, 0...1.
  public var repeated: Double
}

extension TrainingGraph {
  /// The compiled step. Where it would take more than `limit` bytes, activations are computed twice,
  /// in as few segments as do.
  ///
  /// - Parameter other: bytes that are taken beside the step.
  func compiled(limit: Int?, other: Int) throws -> (Executable, TrainingMemory) {
    let fixed = stateBytes + other
    guard let limit else {
      let executable = try Executable(graph)
      return (executable, TrainingMemory(bytes: executable.arenaBytes + fixed, repeated: 0))
    }
    let recomputation = Recomputation(graph, forward: forwardCount)
    var least = Int.max
    for segments in [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48] where segments <= forwardCount {
      let (graph, share) = try recomputation.repeating(segments: segments)
      let bytes = try Executable.arenaBytes(of: graph) + fixed
      if bytes <= limit {
        return (try Executable(graph), TrainingMemory(bytes: bytes, repeated: share))
      }
      least = min(least, bytes)
    }
    throw TrainingError.memory(least: least, limit: limit)
  }

  private var stateBytes: Int {
    Set(graph.updates.map(\.state)).reduce(0) { $0 + (graph.weights[$1]?.byteCount ?? 0) }
  }
}
