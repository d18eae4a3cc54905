import Dispatch
import PithGraph

/// Compares two ways to compute the same.
enum SparseTiming {
  private static let rounds = 9

  /// Whether a graph runs faster than another: the best of several runs, in turns.
  ///
  /// - Parameter countingReorders: whether the moves between layouts count, which depend on what
  ///   stands beside a layer.
  static func isFaster(
    _ graph: Graph, than other: Graph, countingReorders: Bool = true
  ) throws(GraphError) -> Bool {
    let executables = [try Executable(compiling: graph), try Executable(compiling: other)]
    var best = [UInt64.max, UInt64.max]
    for round in 0..<(rounds + 2) {
      for (index, executable) in executables.enumerated() {
        let time = nanoseconds(executable, countingReorders: countingReorders)
        if round >= 2 { best[index] = min(best[index], time) }
      }
    }
    return best[0] < best[1]
  }

  private static func nanoseconds(_ executable: Executable, countingReorders: Bool) -> UInt64 {
    guard countingReorders else {
      var sum: UInt64 = 0
      executable.execute { step, time in
        if !["re-order", "copy"].contains(executable.steps[step].operatorName) { sum += time }
      }
      return sum
    }
    let start = DispatchTime.now().uptimeNanoseconds
    executable.execute()
    return DispatchTime.now().uptimeNanoseconds - start
  }
}
