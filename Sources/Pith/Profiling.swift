import Dispatch
import Foundation
import PithGraph
import PithKernels
public import PithReports
public import PithRuntime
import PithTensors
import PithTraining

/// Measures how long a network, or a step of its training, takes: on random inputs, after warming
/// up.
public struct Profiling: Sendable {
  public var batch: Int
  /// Runs that are measured; nil for as many as fit into about two seconds, 20 to 1000.
  public var runs: Int?
  /// How layers whose weights are mostly zeros are computed.
  public var sparse: SparseExecution

  /// Whether the machine's peaks are measured too.
  public var explains: Bool

  /// Whether a step of training is measured: forward, cross-entropy, gradients, momentum.
  public var isTraining: Bool

  public init(
    batch: Int = 1, runs: Int? = nil, sparse: SparseExecution = .auto, explains: Bool = false,
    isTraining: Bool = false
  ) {
    self.batch = batch
    self.runs = runs
    self.explains = explains
    self.sparse = sparse
    self.isTraining = isTraining
  }

  /// Times whole runs, then runs again with a clock around each step.
  public func measure(_ model: Model) throws(PithError) -> ProfileReport {
    do throws(GraphError) {
      var report = try measure(model.graph)
      report.model = model.name
      return report
    } catch {
      throw PithError(error, file: model.url)
    }
  }

  func measure(_ graph: Graph) throws(GraphError) -> ProfileReport {
    let executable = try prepared(graph)
    let warm = Self.milliseconds { executable.execute() }
    let wanted = runs ?? min(1000, max(20, Int(2000 / max(warm, 1e-3))))
    let warmUp = min(wanted, max(3, Int(300 / max(warm, 1e-3))))
    for _ in 0..<warmUp { executable.execute() }
    let energyBefore = EnergyMeter.joules
    let times = (0..<wanted).map { _ in Self.milliseconds { executable.execute() } }
    let energy = energyBefore.flatMap { before in
      EnergyMeter.joules.map { ($0 - before) / Double(wanted) }
    }
    guard let latency = LatencySummary(milliseconds: times) else {
      throw .invalid("nothing was measured")
    }
    return ProfileReport(
      batch: batch, runtime: Self.runtime, latencyMilliseconds: latency,
      throughput: Double(batch) * 1000 / max(latency.p50, 1e-9),
      layers: layers(executable, runs: max(5, wanted / 4)),
      energyJoules: energy.flatMap { $0 >= 0 ? $0 : nil }, runs: wanted,
      threads: KernelLibrary.threads, arenaBytes: executable.arenaBytes,
      peak: explains ? MachinePeak.measure() : nil,
      warnings: [latency.noiseWarning].compactMap(\.self))
  }

  /// The latencies of networks at batch 1, measured in turns so that what else the machine does
  /// meets all of them alike; nil for one that cannot be run. Large ones take their turn one after
  /// the other, so that one at a time is compiled.
  static func inTurns(_ graphs: [Graph], rounds: Int = 10, runs: Int = 10) -> [LatencySummary?] {
    inTurns(graphs.map { ($0, .auto) }, rounds: rounds, runs: runs)
  }

  /// The same for networks each of which is computed in its own way.
  static func inTurns(
    _ networks: [(graph: Graph, sparse: SparseExecution)], rounds: Int = 10, runs: Int = 10
  ) -> [LatencySummary?] {
    let weights = networks.flatMap(\.graph.weights.values).reduce(0) { $0 + $1.byteCount }
    if networks.count > 1, weights > mostBytesInTurns {
      return networks.flatMap { network in
        defer { network.graph.leaveMappedMemory() }
        return inTurns([network], rounds: rounds, runs: runs)
      }
    }
    let executables = networks.map { network in
      try? Profiling(batch: 1, sparse: network.sparse).prepared(network.graph)
    }
    var times = [[Double]](repeating: [], count: networks.count)
    for round in -1..<rounds {
      for (index, executable) in executables.enumerated() {
        guard let executable else { continue }
        let measured = (0..<runs).map { _ in milliseconds { executable.execute() } }
        if round >= 0 { times[index] += measured }
      }
    }
    return times.map { LatencySummary(milliseconds: $0) }
  }

  /// Weights of networks that are compiled at once for their latency.
  private static let mostBytesInTurns = 512 << 20

  /// Name and version of what runs networks here.
  public static var runtime: String {
    "Pith \(pithVersion) with \(KernelLibrary.version), \(KernelLibrary.instructionSet)"
  }

  /// The graph compiled for the batch, its inputs filled.
  private func prepared(_ graph: Graph) throws(GraphError) -> Executable {
    let executable = isTraining ? try trainingStep(graph) : try inference(graph)
    for (index, input) in executable.graph.inputs.enumerated() {
      // Labels and the learning rate of a training step stay zero.
      guard let type = executable.graph.type(of: input), type.dtype == .float32,
        type.rank > 0 || !isTraining
      else { continue }
      var generator = Philox(seed: 1, stream: UInt64(index))
      let memory = executable.inputBytes(index).bindMemory(to: Float.self)
      for place in memory.indices { memory[place] = generator.uniform() }
    }
    return executable
  }

  private func inference(_ graph: Graph) throws(GraphError) -> Executable {
    let sizes = graph.batchNames.reduce(into: [:]) { $0[$1] = batch }
    return try Executable(graph, binding: sizes, sparse: sparse)
  }

  private func trainingStep(_ graph: Graph) throws(GraphError) -> Executable {
    do {
      return try graph.trainingStep(TrainingSettings(batch: batch))
    } catch let error as GraphError {
      throw error
    } catch {
      throw .invalid("\(error)")
    }
  }

  /// The median time of each step.
  private func layers(_ executable: Executable, runs: Int) -> [ProfileReport.Layer] {
    var times = [[UInt64]](repeating: [], count: executable.steps.count)
    for _ in 0..<runs { executable.execute { step, time in times[step].append(time) } }
    return zip(executable.steps, times).map { step, times in
      ProfileReport.Layer(
        name: step.name, operator: step.operatorName,
        milliseconds: Double(times.sorted()[times.count / 2]) / 1e6, macs: step.cost.macs,
        implementation: step.implementation, layout: step.layout, bytes: step.bytes)
    }
  }

  private static func milliseconds(_ body: () -> Void) -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
  }
}

/// The processor's own energy meter (RAPL), where the machine has one and lets it be read.
enum EnergyMeter {
  /// Joules since some moment; nil without a meter.
  static var joules: Double? {
    let path = "/sys/class/powercap/intel-rapl:0/energy_uj"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return Double(text.trimmingCharacters(in: .whitespacesAndNewlines)).map { $0 / 1e6 }
  }
}
