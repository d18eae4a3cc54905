import PithGraph
import PithRuntime
import PithTensors

/// Times networks at batch 1 on random inputs, in turns, so that what else the machine does meets
/// all of them alike.
struct LatencyComparison {
  /// The median milliseconds of each network; nil for one that cannot be run.
  ///
  /// - Parameter sparse: how layers that are mostly zeros are computed.
  static func milliseconds(
    of graphs: [Graph], rounds: Int = 8, sparse: SparseExecution = .dense
  ) -> [Double?] {
    let executables = graphs.map { graph -> Executable? in
      guard let sized = try? graph.withKnownShapes(),
        let executable = try? Executable(sized, sparse: sparse)
      else { return nil }
      for (index, input) in executable.graph.inputs.enumerated()
      where executable.graph.type(of: input)?.dtype == .float32 {
        var random = Philox(seed: 1, stream: UInt64(index))
        let memory = executable.inputBytes(index).bindMemory(to: Float.self)
        for place in memory.indices { memory[place] = random.uniform() }
      }
      return executable
    }
    let clock = ContinuousClock()
    var times = [[Duration]](repeating: [], count: graphs.count)
    for round in 0...rounds {
      for (index, executable) in executables.enumerated() {
        guard let executable else { continue }
        for _ in 0..<3 {
          let time = clock.measure { executable.execute() }
          if round > 0 { times[index].append(time) }
        }
      }
    }
    return times.map { times in
      times.isEmpty ? nil : times.sorted()[times.count / 2] / .milliseconds(1)
    }
  }
}
