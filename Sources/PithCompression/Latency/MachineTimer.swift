package import Foundation
package import PithGraph
import PithKernels
package import PithRuntime
import PithTensors

/// This machine's clock, with the threads that kernels use. Inputs are random.
///
/// Profiles are kept in `latency-profiles.json` in the folder of `MachineCache`, so that a network
/// has one table of latency on a machine, whoever asks.
package struct MachineTimer: LatencyTimer {
  /// To be raised when a kernel gets faster or slower: older profiles then no longer count.
  private static let generation = 2
  /// What the runs of a network last in a round, in milliseconds, where they are short.
  private static let turn = 4.0

  private let file: URL
  /// How layers that are mostly zeros are computed.
  private let sparse: SparseExecution

  package init(
    file: URL = MachineCache.folder.appendingPathComponent("latency-profiles.json"),
    sparse: SparseExecution = .dense
  ) {
    self.file = file
    self.sparse = sparse
  }

  package func rounds(of networks: [Graph], batch: Int) -> [[Double]] {
    let executables = networks.map { try? prepared($0, batch: batch) }
    var times = [[Double]](repeating: [], count: networks.count)
    let plan = Self.plan(executables.compactMap(\.self))
    for _ in 0..<plan.rounds {
      for (index, executable) in executables.enumerated() {
        guard let executable else { continue }
        times[index].append(Self.turn(of: executable, runs: plan.runs))
      }
    }
    return times
  }

  package func profiles(of networks: [Graph], batch: Int) throws -> [LatencyProfile] {
    let key =
      "\(Self.generation): \(KernelLibrary.version), \(MachineCache.machine): batch \(batch): "
      + networks.map(\.fingerprint).joined(separator: " ")
    var known = MachineCache.read([String: [LatencyProfile]].self, from: file) ?? [:]
    if let profiles = known[key], profiles.count == networks.count { return profiles }
    let executables = try networks.map { try prepared($0, batch: batch) }
    let plan = Self.plan(executables)
    var wholes = [[Double]](repeating: [], count: networks.count)
    var steps = executables.map { $0.steps.map { _ in [Double]() } }
    for _ in 0..<plan.rounds {
      for (index, executable) in executables.enumerated() {
        wholes[index].append(Self.turn(of: executable, runs: plan.runs))
        for _ in 0..<plan.runs {
          executable.execute { step, time in steps[index][step].append(Double(time) / 1e6) }
        }
      }
    }
    let profiles = executables.indices.map { index in
      var profile = LatencyProfile(whole: wholes[index].median ?? 0, steps: [:])
      for (step, times) in zip(executables[index].steps, steps[index]) {
        profile.steps[step.name, default: 0] += times.median ?? 0
      }
      return profile
    }
    known[key] = profiles
    MachineCache.save(known, to: file)
    return profiles
  }

  /// A network compiled, its inputs filled.
  private func prepared(_ graph: Graph, batch: Int) throws -> Executable {
    let executable = try Executable(graph.withKnownShapes(batch: batch), sparse: sparse)
    for (index, input) in executable.graph.inputs.enumerated()
    where executable.graph.type(of: input)?.dtype == .float32 {
      var random = Philox(seed: 1, stream: UInt64(index))
      let memory = executable.inputBytes(index).bindMemory(to: Float.self)
      for place in memory.indices { memory[place] = random.uniform() }
    }
    return executable
  }

  /// How often networks take their turns, and how often each runs in one: more where runs are
  /// short. Warms them up.
  private static func plan(_ executables: [Executable]) -> (rounds: Int, runs: Int) {
    let slowest =
      executables.map { executable in
        executable.execute()
        return turn(of: executable, runs: 3)
      }.max() ?? 1
    return (slowest > 50 ? 8 : 24, min(max(Int(turn / max(slowest, 1e-3)), 2), 64))
  }

  /// The median milliseconds of some runs in a row.
  private static func turn(of executable: Executable, runs: Int) -> Double {
    let clock = ContinuousClock()
    return (0..<runs).map { _ in clock.measure { executable.execute() } / .milliseconds(1) }
      .median ?? 0
  }
}

extension Graph {
  /// A number that tells networks of other nodes or shapes apart, the same in every process: times
  /// do not depend on what weights are.
  var fingerprint: String {
    // Fowler, Noll and Vo's hash of 64 bits, FNV-1a.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    for node in nodes {
      add("\(node.name) \(node.operator.name)")
      for value in node.inputs + node.outputs {
        add(value.flatMap { type(of: $0)?.description } ?? "-")
      }
    }
    return String(hash, radix: 16)
  }
}
