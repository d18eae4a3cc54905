import ArgumentParser
import Foundation
import Pith
import PithReports

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Measures latency, throughput and the time of each layer, after warming up.")

  @Argument(help: "An ONNX model or a .pith archive.")
  var model: String

  @Option(help: "Samples that are run at once.")
  var batch = 1

  @Option(help: "Runs that are measured (default: about two seconds' worth).")
  var runs: Int?

  @Flag(
    help: "Show the compiled plan: kernels, layouts, re-orders, memory, and how far from the floor."
  )
  var explain = false

  @Flag(help: "Measure a step of training instead: forward, cross-entropy, gradients, momentum.")
  var training = false

  @OptionGroup var runtime: RuntimeOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if !(1...65_536).contains(batch) { throw ValidationError("--batch must be 1 to 65536") }
    if let runs, !(1...1_000_000).contains(runs) {
      throw ValidationError("--runs must be 1 to 1000000")
    }
  }

  func run() throws {
    let console = Console(output)
    threads.apply()
    let model = try Model(reading: URL(fileURLWithPath: model))
    let report = try Profiling(
      batch: batch, runs: runs, sparse: runtime.usual, explains: explain, isTraining: training
    ).measure(model)
    try console.show(report) { text(report, isColored: console.isColored) }
    console.warn(report.warnings)
  }

  /// The compiled plan. The floor of a step is the time for its arithmetic at the machine's peak,
  /// or for moving its bytes, whichever is longer; data in caches can be faster than that.
  private func plan(_ report: ProfileReport, isColored: Bool) -> String {
    var steps = TextTable(columns: [
      .init("step"), .init("operator"), .init("kernel"), .init("layout"),
      .init("bytes", alignment: .trailing), .init("time", alignment: .trailing),
      .init("floor", alignment: .trailing),
    ])
    for layer in report.layers {
      let floor = report.peak.map { $0.floorMilliseconds(of: layer) }
      steps.add([
        .init(layer.name), .init(layer.operator), .init(layer.implementation ?? ""),
        .init(layer.layout ?? ""), .init(Format.bytes(layer.bytes)),
        .init(Format.milliseconds(layer.milliseconds)),
        .init(floor.map { Format.percent($0 / max(layer.milliseconds, 1e-12), decimals: 0) } ?? ""),
      ])
    }
    let reorders = report.layers.filter { $0.operator == "re-order" }
    let time = report.layers.reduce(0) { $0 + $1.milliseconds }
    var lines = [
      "\(report.layers.count) steps, \(reorders.count) of them re-orders "
        + "(\(Format.percent(reorders.reduce(0) { $0 + $1.milliseconds } / max(time, 1e-12), decimals: 1)) "
        + "of the time); arena \(Format.bytes(report.arenaBytes))"
    ]
    if let peak = report.peak {
      let floor = report.layers.reduce(0) { $0 + peak.floorMilliseconds(of: $1) }
      lines.append(
        "peak \(Format.significant(peak.macsPerSecond / 1e9)) GMAC/s, "
          + "\(Format.significant(peak.bytesPerSecond / 1e9)) GB/s; the floors come to "
          + "\(Format.milliseconds(floor)), the steps took \(Format.milliseconds(time)). Over 100 % are "
          + "steps that skip zeros, need fewer products (winograd), or whose data lie in a cache.")
    }
    return steps.text(color: isColored) + "\n" + lines.joined(separator: "\n") + "\n\n"
  }

  private func text(_ report: ProfileReport, isColored: Bool) -> String {
    let plan = explain ? plan(report, isColored: isColored) : ""
    var layers = TextTable(columns: [
      .init("layer"), .init("operator"), .init("time", alignment: .trailing),
      .init("share", alignment: .trailing), .init("MACs", alignment: .trailing),
      .init("GMAC/s", alignment: .trailing),
    ])
    let total = report.layers.reduce(0) { $0 + $1.milliseconds }
    for layer in report.layers {
      let macs = layer.macs.flatMap { $0 > 0 ? $0 : nil }
      layers.add([
        .init(layer.name), .init(layer.operator), .init(Format.milliseconds(layer.milliseconds)),
        .init(Format.percent(layer.milliseconds / max(total, 1e-12), decimals: 1)),
        .init(macs.map { Format.count($0) } ?? ""),
        .init(
          macs.map { Format.significant(Double($0) / max(layer.milliseconds, 1e-9) / 1e6) } ?? ""),
      ])
    }
    let latency = report.latencyMilliseconds
    var summary = TextTable(columns: [
      .init("latency, batch \(report.batch)"), .init("", alignment: .trailing),
    ])
    for (name, value) in [
      ("fastest", latency.min), ("median", latency.p50), ("90th percentile", latency.p90),
      ("99th percentile", latency.p99), ("mean", latency.mean),
    ] {
      summary.add([.init(name), .init(Format.milliseconds(value))])
    }
    summary.add(["throughput", .init("\(Format.significant(report.throughput)) samples/s")])
    summary.add(["energy of a run", .init(energy(report.energyJoules))])
    summary.add(["runs", .init(Format.exact(report.runs))])
    summary.add(["threads", .init(Format.exact(report.threads))])
    return plan + layers.text(color: isColored) + "\n" + summary.text(color: isColored)
      + "\n\(report.runtime)\n"
  }

  private func energy(_ joules: Double?) -> String {
    joules.map { "\(Format.significant($0 * 1000)) mJ" } ?? "not available"
  }
}
