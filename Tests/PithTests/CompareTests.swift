import Foundation
import Pith
import PithCompression
import PithReports
import Testing

/// Comparisons: what recipes of them say, equal training, tables, failures, stopping and going on.
@Suite struct CompareTests {
  /// A folder with a trained model and data.
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    let run = try sandbox.pith([
      "train", "lenet-300-100", "--data", "arrays:data.npz", "--epochs", "2", "--batch", "32",
      "--width", "0.1", "-o", "model.onnx", "-q",
    ])
    #expect(run.status == 0)
    return sandbox
  }

  private static let arguments = [
    "compare", "model.onnx", "--data", "arrays:data.npz", "--threads", "1", "--fine-tune",
    "{batch: 32, optimizer: adam, learning-rate: 0.001}",
  ]

  @Test func everyRowHasTheSameTraining() throws {
    var recipe = try ComparisonRecipe(
      """
      model: a.onnx
      data: mnist:digits
      seeds: [1, 2, 3]
      fine-tune: {optimizer: adam, batch: 32, schedule: constant}
      rows:
        - pruning: {sparsity: 0.5, epochs: 3}
        - pruning: {sparsity: 0.9, epochs: 3, optimizer: sgd}
        - quantization
        - name: both
          steps:
            - pruning: {epochs: 2}
            - weight-sharing: {bits: 4, epochs: 1}
            - entropy-coding
      """, source: "test", folder: URL(fileURLWithPath: "/home/me"))
    #expect(recipe.seeds == [1, 2, 3])
    #expect(recipe.base.data == "mnist:/home/me/digits")
    let words = recipe.rows.map {
      $0.steps[0].values.resolved.first { $0.name == "optimizer" }
    }
    #expect(words.map { $0?.value } == [.word("adam"), .word("sgd"), nil, .word("adam")])
    recipe.epochs = 6
    let resolved = try recipe.resolved()
    #expect(
      resolved.rows.map(\.name) == [
        "pruning (sparsity: 0.5, optimizer: adam)", "pruning (sparsity: 0.9, optimizer: sgd)",
        "quantization", "both",
      ])
    let epochs = resolved.rows.map { $0.steps.map { try? $0.values.wholeNumber("epochs") } }
    #expect(epochs == [[6], [6], [6, nil], [4, 2, nil]])
    #expect(resolved.rows[2].steps.map(\.name) == ["fine-tune", "quantization"])
    // What a criterion's penalty trains counts too.
    var penalized = try ComparisonRecipe(
      """
      model: a.onnx
      data: mnist:digits
      rows:
        - channel-pruning: {criterion: slimming, epochs: 4}
        - channel-pruning: {criterion: l1, epochs: 4}
        - learnable-masks: {epochs: 3, fine-tune-epochs: 1}
      """, source: "test", folder: URL(fileURLWithPath: "/home/me"))
    for (total, parts) in [(nil, [4, 4]), (5, [3, 2]), (1, [1, 0])] as [(Int?, [Int])] {
      penalized.epochs = total
      let once = try penalized.resolved()
      for rows in [once.rows, try once.resolved().rows] {
        let values = rows.map(\.steps[0].values)
        #expect(try values[0].wholeNumber("epochs") == parts[0])
        #expect(try values[0].wholeNumber("penalty-epochs") == parts[1])
        #expect(try values[1].wholeNumber("epochs") == parts[0] + parts[1])
        let masks = try values[2].wholeNumber("fine-tune-epochs")
        #expect(try values[2].wholeNumber("epochs") + masks == parts[0] + parts[1])
      }
    }
    // `schedule` of a method that has its own is that of the learning rate.
    let step = resolved.rows[0].steps[0]
    #expect(try step.values.text("learning-rate-schedule") == "constant")
    #expect(try step.values.text("schedule") == "gradual")
    #expect(try resolved.training.values.wholeNumber("epochs") == 6)
    let again = try ComparisonRecipe(resolved.yaml, source: "again").resolved()
    #expect(again.yaml == resolved.yaml)
  }

  @Test func epochsAreThoseOfTheRowThatAsksForMost() throws {
    var recipe = try ComparisonRecipe(methods: "pruning: {epochs: 7}, channel-pruning, int8")
    #expect(try recipe.resolved().epochs == 0)
    recipe.base.data = "mnist:digits"
    #expect(try recipe.resolved().epochs == 7)
    #expect(
      try recipe.resolved().rows.map { $0.steps.map(\.name) }
        == [["pruning"], ["channel-pruning"], ["fine-tune", "quantization", "entropy-coding"]])
  }

  @Test func allFaultsAreToldAtOnce() throws {
    let error = try #require(throws: RecipeError.self) {
      try ComparisonRecipe(
        """
        seeds: [1, 1]
        fine-tune: {optimiser: adam}
        steps: []
        rows:
          - prunning
          - name: x
            stepps: []
          - name: y
            steps: [pruning: {sparsity: 2}]
        """, source: "rows.yaml")
    }
    let text = error.description
    for part in [
      "line 1: seeds are", "unknown setting of fine-tune 'optimiser'",
      "line 3: unknown key 'steps'",
      "unknown method 'prunning'; did you mean 'pruning'?", "line 9: pruning: sparsity is 2",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
  }

  @Test func theWholeWay() throws {
    let sandbox = try sandbox()
    let run = try sandbox.pith(
      Self.arguments + [
        "--methods",
        "pruning: {sparsity: 0.5}, channel-pruning: {macs: 0.5}, weight-sharing: {bits: 4}",
        "--epochs", "1", "--seeds", "1,2", "--json",
      ])
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json
    #expect(json["epochs"] as? Int == 1 && json["isFinished"] as? Bool == true)
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(
      rows.map { $0["method"] as? String } == ["pruning", "channel-pruning", "weight-sharing"])
    let control = try #require(json["control"] as? [String: Any])
    let given = try #require(json["baseline"] as? [String: Any])
    #expect(control["parameters"] as? Int == given["parameters"] as? Int)
    for row in rows + [control] {
      for name in ["top1", "top1Spread", "latencyMilliseconds", "denseLatencyMilliseconds"] {
        #expect(row[name] is Double, "\(name)")
      }
      for name in ["parameters", "nonzeroParameters", "macs", "onnxBytes", "pithBytes"] {
        #expect(row[name] is Int, "\(name)")
      }
      let runs = try #require(row["runs"] as? [[String: Any]])
      #expect(runs.map { $0["seed"] as? Int } == [1, 2])
      let shares = runs.compactMap { ($0["result"] as? [String: Any])?["top1"] as? Double }
      let top1 = try #require(row["top1"] as? Double)
      #expect(shares.count == 2 && abs(top1 - (shares[0] + shares[1]) / 2) < 1e-12)
      #expect(top1 > 0.7)
    }
    let macs = rows.compactMap { $0["macs"] as? Int }
    #expect(macs[0] == 4660 && macs[1] <= 2400)
    #expect(rows[0]["sparseLatencyMilliseconds"] is Double)
    let folder = "model-comparison"
    for name in ["comparison.json", "comparison.html", "comparison.yaml", "log.jsonl"] {
      #expect(sandbox.exists("\(folder)/\(name)"), "\(name)")
    }
    let first = try #require((rows[0]["runs"] as? [[String: Any]])?.first?["folder"] as? String)
    #expect(sandbox.exists("\(folder)/\(first)/model.pith"))
    let page = try String(contentsOf: sandbox.file("\(folder)/comparison.html"), encoding: .utf8)
    #expect(page.contains("Accuracy against latency") && page.contains("<svg"))
    #expect(try sandbox.pith(Self.arguments + ["--methods", "pruning"]).status == 73)
    let shown = try sandbox.pith(["compare", "-o", folder, "--resume", "-q"])
    #expect(shown.status == 0 && shown.output.contains("channel-pruning"))
  }

  @Test func aRowThatFailsLosesNoOther() throws {
    let sandbox = try sandbox()
    // No layer is left to prune.
    let run = try sandbox.pith(
      Self.arguments + [
        "--methods", "pruning: {skip: \"*\"}, pruning: {sparsity: 0.5}", "--epochs", "0", "-o",
        "out", "--json",
      ])
    #expect(run.status == 3)
    let rows = try #require(try run.json["rows"] as? [[String: Any]])
    #expect((rows[0]["error"] as? String)?.contains("nothing to work on") == true)
    #expect(rows[0]["parameters"] is NSNull && rows[1]["error"] is NSNull)
    #expect(try run.json["control"] is NSNull)
    let last = try #require(run.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("warning: 1 of 2 rows failed"))
    let alone = try sandbox.pith(
      Self.arguments + ["--methods", "pruning: {skip: \"*\"}", "--epochs", "0", "-o", "none"])
    #expect(alone.status == 65)
  }

  @Test func refusals() throws {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    try sandbox.makeModel()
    let compare = ["compare", "model.onnx", "--data", "arrays:data.npz"]
    #expect(try sandbox.pith(compare).status == 64)
    #expect(try sandbox.pith(compare + ["--methods", "prunning"]).status == 78)
    #expect(try sandbox.pith(compare + ["--methods", "pruning", "--seeds", "1,1"]).status == 64)
    let untrained = try sandbox.pith(compare + ["--methods", "pruning"])
    #expect(untrained.status == 65 && untrained.errors.contains("near chance"))
    #expect(!sandbox.exists("model-comparison"))
    let plan = try sandbox.pith(compare + ["--methods", "pruning, tiny", "--dry-run", "--json"])
    #expect(plan.status == 0 && !sandbox.exists("model-comparison"))
    #expect(try plan.json["rows"] as? [String] == ["pruning", "tiny"])
    #expect(try plan.json["epochs"] as? Int == 14)
  }

  /// Stopped again and again, a comparison ends with the figures of one that was left alone.
  @Test func stoppedComparisonsGoOn() throws {
    let sandbox = try sandbox()
    let rows = ["--methods", "pruning: {sparsity: 0.8}, weight-sharing", "--epochs", "1", "-q"]
    #expect(try sandbox.pith(Self.arguments + rows + ["-o", "whole"]).status == 0)
    var arguments = Self.arguments + rows + ["-o", "parts", "--resume"]
    for delay in [0.1, 0.2, 0.3, 0.5, 60] {
      let status = try sandbox.interrupted(after: delay, arguments)
      if status == 0 { break }
      if sandbox.exists("parts/comparison.yaml") {
        #expect(status == 75 || status == 130 || status == 2)
        arguments = ["runs", "resume", "parts", "-q", "--threads", "1"]
      }
    }
    func losses(_ folder: String) throws -> [Double?] {
      let report = try CompareReport(
        json: Data(contentsOf: sandbox.file("\(folder)/comparison.json")), source: folder)
      #expect(report.isFinished && report.rows.count == 2)
      return (report.rows + [report.control].compactMap(\.self)).map(\.loss)
    }
    #expect(try losses("parts") == losses("whole"))
    let list = try sandbox.pith(["runs", "list", "."])
    #expect(list.status == 0 && list.output.contains("parts") && list.output.contains("compared"))
    let shown = try sandbox.pith(["runs", "show", "parts"])
    #expect(shown.status == 0 && shown.output.contains("weight-sharing"))
  }
}
