import Foundation
import Pith
import Testing

/// The whole way on a small model: results, their names, refusals, stopping and going on.
@Suite struct CompressTests {
  private static let recipe = """
    steps:
      - pruning: {sparsity: 0.5, epochs: 2, batch: 32, optimizer: adam, learning-rate: 0.001}
      - weight-sharing: {bits: 4, epochs: 1, batch: 32}
      - entropy-coding: {coder: arithmetic}
    """

  /// A folder with a trained model, data and a recipe.
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    try sandbox.write(Self.recipe, to: "recipe.yaml")
    let run = try sandbox.pith([
      "train", "lenet-300-100", "--data", "arrays:data.npz", "--epochs", "2", "--batch", "32",
      "--width", "0.1", "-o", "model.onnx", "-q",
    ])
    #expect(run.status == 0)
    return sandbox
  }

  private static let arguments = [
    "compress", "model.onnx", "--data", "arrays:data.npz", "--recipe", "recipe.yaml",
    "--threads", "1",
  ]

  /// Hidden units go, the report tells of it, and where the result stands.
  @Test func channelsGo() throws {
    let sandbox = try sandbox()
    try sandbox.write(
      """
      steps:
        - channel-pruning: {parameters: 0.5, round: 2, epochs: 2, batch: 32, distill: true}
      """, to: "recipe.yaml")
    let run = try sandbox.pith(Self.arguments + ["-o", "run", "--json"])
    #expect(run.status == 0)
    let json = try run.json
    let (before, after) = (
      try #require(json["baseline"] as? [String: Any]),
      try #require(json["result"] as? [String: Any])
    )
    let (whole, left) = (before["parameters"] as? Int ?? 0, after["parameters"] as? Int ?? 0)
    #expect(whole == 4704 && left <= 2352 && left > 1800)
    #expect(try #require(after["top1"] as? Double) > 0.9)
    #expect(before["latencyMilliseconds"] is Double && after["latencyMilliseconds"] is Double)
  }

  @Test func theWholeWay() throws {
    let sandbox = try sandbox()
    let run = try sandbox.pith(Self.arguments + ["-o", "run", "--json"])
    #expect(run.status == 0)
    for name in [
      "model.onnx", "model.pith", "report.json", "report.html", "recipe.yaml", "log.jsonl",
    ] {
      #expect(sandbox.exists("run/\(name)"), "\(name)")
    }
    #expect(!sandbox.exists("run/checkpoints"))
    let json = try run.json
    for part in ["baseline", "result"] {
      let model = try #require(json[part] as? [String: Any])
      #expect(
        Set(model.keys) == [
          "top1", "top5", "loss", "parameters", "nonzeroParameters", "macs", "onnxBytes",
          "pithBytes", "latencyMilliseconds",
        ])
      #expect(try #require(model["top1"] as? Double) > 0.95)
    }
    let result = try #require(json["result"] as? [String: Any])
    let archive = try Data(contentsOf: sandbox.file("run/model.pith"))
    #expect(result["pithBytes"] as? Int == archive.count)
    #expect(try #require(result["nonzeroParameters"] as? Int) < 2600)
    let steps = try #require(json["steps"] as? [[String: Any]])
    #expect(
      steps.map { $0["method"] as? String } == ["pruning", "weight-sharing", "entropy-coding"])
    #expect(Set(steps[0].keys) == ["method", "settings", "before", "after", "seconds", "notes"])
    #expect((json["files"] as? [String: String])?["report"] == "report.html")

    #expect(try sandbox.pith(["unpack", "run/model.pith", "-o", "copy.onnx"]).status == 0)
    #expect(
      try Data(contentsOf: sandbox.file("copy.onnx"))
        == Data(contentsOf: sandbox.file("run/model.onnx")))
    let listing = try sandbox.pith(["runs", "list", "--json"]).json
    #expect((listing["runs"] as? [[String: Any]])?.count == 1)
    #expect(try sandbox.pith(["runs", "show", "run"]).status == 0)
    #expect(try sandbox.pith(Self.arguments + ["-o", "run"]).status == 73)
  }

  /// The resolved recipe of a run gives the same files again.
  @Test func aRunCanBeRepeated() throws {
    let sandbox = try sandbox()
    #expect(try sandbox.pith(Self.arguments + ["-o", "a", "-q"]).status == 0)
    let again = try sandbox.pith([
      "compress", "--recipe", "a/recipe.yaml", "-o", "b", "-q", "--threads", "1",
    ])
    #expect(again.status == 0)
    for name in ["model.onnx", "model.pith"] {
      #expect(
        try Data(contentsOf: sandbox.file("a/\(name)"))
          == Data(contentsOf: sandbox.file("b/\(name)")))
    }
  }

  /// The control is trained and measured, and changes nothing about the result.
  @Test func theControlIsTheGivenModelTrainedAlike() throws {
    let sandbox = try sandbox()
    #expect(try sandbox.pith(Self.arguments + ["-o", "alone", "-q"]).status == 0)
    let run = try sandbox.pith(Self.arguments + ["-o", "beside", "--control", "--json"])
    #expect(run.status == 0)
    let before = try #require(try run.json["baseline"] as? [String: Any])
    let control = try #require(try run.json["control"] as? [String: Any])
    #expect(control["parameters"] as? Int == before["parameters"] as? Int)
    #expect(control["nonzeroParameters"] as? Int == before["nonzeroParameters"] as? Int)
    #expect(control["loss"] as? Double != before["loss"] as? Double)
    #expect(
      try Data(contentsOf: sandbox.file("alone/model.onnx"))
        == Data(contentsOf: sandbox.file("beside/model.onnx")))
  }

  @Test func missedTargetsAre3() throws {
    let sandbox = try sandbox()
    let run = try sandbox.pith(Self.arguments + ["-o", "run", "-q", "--max-bytes", "10"])
    #expect(run.status == 3)
    #expect(sandbox.exists("run/report.json"))
    let last = try #require(run.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("warning: ") && last.contains("size asked for was missed"))
  }

  @Test func modelsNearChanceAreRefusedBeforeAnyWork() throws {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    try sandbox.makeModel()
    try sandbox.write(Self.recipe, to: "recipe.yaml")
    let run = try sandbox.pith(Self.arguments + ["-o", "run"])
    #expect(run.status == 65)
    #expect(run.errors.contains("near chance"))
    #expect(!sandbox.exists("run/model.onnx"))
  }

  @Test func withoutDataOnlyWhatNeedsNoneIsDone() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    try sandbox.write("steps: [weight-sharing: {epochs: 0}]", to: "free.yaml")
    let run = try sandbox.pith([
      "compress", "model.onnx", "--recipe", "free.yaml", "-o", "run", "--json",
    ])
    #expect(run.status == 0)
    #expect((try run.json["result"] as? [String: Any])?["top1"] is NSNull)
    let needy = try sandbox.pith(["compress", "model.onnx", "--preset", "int8", "-o", "other"])
    #expect(needy.status == 64)
    #expect(needy.errors.contains("--data"))
  }

  @Test func dryRunsWriteNothing() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let run = try sandbox.pith([
      "compress", "model.onnx", "--preset", "tiny", "-o", "run", "--dry-run",
    ])
    #expect(run.status == 0)
    #expect(run.output.contains("sparsity: 0.985"))
    #expect(!sandbox.exists("run"))
  }

  /// Stopped again and again, a run ends with the files of one that was left alone.
  @Test func stoppedRunsGoOnToTheSameResult() throws {
    let sandbox = try sandbox()
    #expect(try sandbox.pith(Self.arguments + ["-o", "whole", "-q", "--control"]).status == 0)
    var arguments = Self.arguments + ["-o", "parts", "-q", "--control"]
    var stops = 0
    for delay in [0.05, 0.1, 0.15, 0.2, 0.3, 60] {
      let status = try sandbox.interrupted(after: delay, arguments)
      if status == 0 { break }
      // Too early for the handler to be there, or for the folder.
      guard status == 75 || sandbox.exists("parts/recipe.yaml") else { continue }
      stops += 1
      arguments = ["runs", "resume", "parts", "-q", "--threads", "1"]
    }
    let losses = try ["whole", "parts"].map { run in
      let report = try JSONSerialization.jsonObject(
        with: Data(contentsOf: sandbox.file("\(run)/report.json")))
      return ((report as? [String: Any])?["control"] as? [String: Any])?["loss"] as? Double
    }
    #expect(losses[0] != nil && losses[0] == losses[1])
    for name in ["model.onnx", "model.pith"] {
      #expect(
        try Data(contentsOf: sandbox.file("whole/\(name)"))
          == Data(contentsOf: sandbox.file("parts/\(name)")), "after \(stops) stops")
    }
  }
}

extension Sandbox {
  /// The status of the program when it is interrupted after some seconds, unless it ends before.
  func interrupted(after seconds: Double, _ arguments: [String]) throws -> Int32 {
    let program: URL = try #require(Self.program)
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let end = Date().addingTimeInterval(seconds)
    while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.005) }
    if process.isRunning { process.interrupt() }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
