import Foundation
import Pith
import PithCompression
import PithData
import PithGraph
import PithONNX
import PithOperators
import PithReports
import PithTensors
import Testing

/// How much each layer can lose: what is measured, and the recipe that follows from it.
@Suite struct SensitivityTests {
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

  /// Every figure is that of the network with the one layer pruned, measured on its own.
  @Test func figuresAreThoseOfTheNetworkPrunedAlone() throws {
    let sandbox = try sandbox()
    let model = try Model(reading: sandbox.file("model.onnx"))
    let text = "arrays:\(sandbox.path("data.npz"))"
    let report = try SensitivityStudy(model, data: text, ratios: [0.9, 0.4]).run()
    #expect(report.divergence == .kullbackLeibler && report.ratios == [0.4, 0.9])
    #expect(report.layers.map(\.parameters) == [4320, 300, 40])

    var data = try LabelledData(text, for: model.graph)
    try data.holdOutValidation(nil, seed: 1)
    #expect(report.samples == 51)
    let given = try ModelEvaluation.run(model, on: data, split: "validation")
    #expect(report.top1 == given.top1)
    #expect(abs((report.loss ?? 0) - (given.loss ?? 1)) < 1e-9)
    for (index, layer) in report.layers.enumerated() {
      #expect(layer.points.map(\.ratio) == [0.4, 0.9])
      #expect(layer.points[0].divergence < layer.points[1].divergence)
      for point in layer.points {
        #expect(abs(point.reached - point.ratio) < 0.02)
        let others = report.layers.indices.filter { $0 != index }
          .map { PithCompression.SettingValue.word(report.layers[$0].name) }
        let method = try Pruning(
          SettingValues(
            Pruning.settings,
            given: [
              "sparsity": .number(point.ratio), "schedule": .word("one-shot"),
              "epochs": .wholeNumber(0), "skip": .list(others),
            ]))
        let pruned = try method.apply(
          to: model.graph, Context(data: nil, teacher: model.graph)
        ).graph
        try ONNXWriter.write(pruned, to: sandbox.file("pruned.onnx"))
        let alone = try ModelEvaluation.run(
          Model(reading: sandbox.file("pruned.onnx")), on: data, split: "validation")
        #expect(point.top1 == alone.top1)
        #expect(abs((point.loss ?? 0) - (alone.loss ?? 1)) < 1e-6)
      }
    }
  }

  /// A matrix of which one number goes: the divergence follows from its definition. No labels.
  @Test func divergenceIsThatOfTheProbabilities() throws {
    let sandbox = try Sandbox()
    var graph = Graph()
    let input = graph.addInput("x", TensorType(.float32, [.named("N"), .fixed(2)]))
    let weight = graph.addWeight("w", Tensor([2, 0.5, 0.25, 3] as [Float], [2, 2]))
    graph.addOutput(try graph.add(MatMul(), input, weight))
    try ONNXWriter.write(graph, to: sandbox.file("model.onnx"))
    var archive = NumPyArchive()
    try archive.add(Tensor([Float](repeating: 1, count: 80), [40, 2]), named: "x")
    try archive.write(to: sandbox.file("data.npz"))
    let report = try SensitivityStudy(
      Model(reading: sandbox.file("model.onnx")), data: "arrays:\(sandbox.path("data.npz"))",
      ratios: [0.25]
    ).run()
    func probabilities(_ logits: [Double]) -> [Double] {
      let sum = logits.reduce(0) { $0 + exp($1) }
      return logits.map { exp($0) / sum }
    }
    let (p, q) = (probabilities([2.25, 3.5]), probabilities([2, 3.5]))
    let expected = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    let point = try #require(report.layers.first?.points.first)
    #expect(report.top1 == nil && point.top1 == nil && point.reached == 0.25)
    #expect(abs(point.divergence - expected) < 1e-6)
  }

  @Test func channelsAreRemoved() throws {
    let sandbox = try sandbox()
    let run = try sandbox.pith([
      "sensitivity", "model.onnx", "--data", "arrays:data.npz", "--channels", "--ratios",
      "0.01,0.5,0.9", "--json", "--threads", "1",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json
    #expect(json["kind"] as? String == "channels" && json["criterion"] as? String == "l1")
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(Set(layers.compactMap { $0["channels"] as? Int }) == [10, 30])
    for layer in layers {
      let points = try #require(layer["points"] as? [[String: Any]])
      #expect(points.map { $0["reached"] as? Double } == [0, 0.5, 0.9])
      #expect(points[0]["divergence"] as? Double == 0)
      #expect(points[0]["top1"] as? Double == json["top1"] as? Double)
      #expect(points[1]["macs"] is Int)
    }
  }

  @Test func theCommandWritesFilesAndARecipe() throws {
    let sandbox = try sandbox()
    let arguments = [
      "sensitivity", "model.onnx", "--data", "arrays:data.npz", "--ratios", "0.3,0.6,0.9",
      "--threads", "1",
    ]
    let run = try sandbox.pith(
      arguments + ["-o", "out", "--write-recipe", "r.yaml", "--sparsity", "0.7"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("-1 pp at") && run.output.contains("51 samples"))
    let report = try SensitivityReport(
      json: Data(contentsOf: sandbox.file("out/sensitivity.json")), source: "out")
    #expect(report.layers.count == 3 && report.top1 != nil)
    #expect(sandbox.exists("out/sensitivity.html"))
    #expect(try sandbox.pith(arguments + ["-o", "out"]).status == 73)

    let compress = try sandbox.pith([
      "compress", "--recipe", "r.yaml", "-o", "run", "--json", "--threads", "1",
    ])
    #expect(compress.status == 0, "\(compress.errors)")
    let result = try #require(try compress.json["result"] as? [String: Any])
    // 44 of the parameters are biases.
    let left = try #require(result["nonzeroParameters"] as? Int)
    #expect(abs(Double(left - 44) / 4660 - 0.3) < 0.01)

    let unlabelled = try sandbox.pith(arguments + ["--divergence", "--json"]).json
    #expect(unlabelled["top1"] is NSNull)
    let far = try sandbox.pith(
      arguments + ["--write-recipe", "far.yaml", "--sparsity", "0.95", "-q"])
    #expect(far.status == 64 && far.errors.contains("--ratios"))
    for bad in [["--ratios", "0,1"], ["--criterion", "magnitud"], ["--sparsity", "0.5"]] {
      let options = bad[0] == "--ratios" ? Array(arguments[..<4]) : arguments
      #expect(try sandbox.pith(options + bad).status == 64)
    }
  }

  /// A study that is stopped after a layer goes on with the next, to the same figures.
  @Test func stoppedStudiesGoOn() throws {
    let sandbox = try sandbox()
    let model = try Model(reading: sandbox.file("model.onnx"))
    var study = SensitivityStudy(
      model, data: "arrays:\(sandbox.path("data.npz"))", ratios: [0.5, 0.9])
    let whole = try study.run()
    #expect(whole.isFinished)
    let file = sandbox.file("sensitivity.json")
    study.layerFinished = { report in
      try Data(report.json().utf8).write(to: file)
      throw PithError.interrupted
    }
    for count in 1...2 {
      #expect(throws: PithError.interrupted) { try study.run() }
      study.earlier = try SensitivityReport(json: Data(contentsOf: file), source: "study")
      #expect(study.earlier?.layers == Array(whole.layers.prefix(count)))
      #expect(study.earlier?.isFinished == false)
    }
    study.layerFinished = nil
    let resumed = try study.run()
    #expect(resumed.isFinished && resumed.layers == whole.layers)
    study.seed = 2
    #expect(throws: PithError.self) { try study.run() }

    let arguments = [
      "sensitivity", "model.onnx", "--data", "arrays:\(sandbox.path("data.npz"))", "--ratios",
      "0.5,0.9", "-o", ".", "--resume", "--threads", "1", "-q",
    ]
    #expect(try sandbox.pith(arguments).status == 0)
    let written = try SensitivityReport(json: Data(contentsOf: file), source: "study")
    #expect(written.layers == whole.layers)
    #expect(try sandbox.pith(arguments + ["--seed", "2"]).status == 64)
    #expect(try sandbox.pith(arguments + ["--force"]).status == 64)
  }

  /// No allocation on a fine grid that prunes as much does less harm.
  @Test func theAllocationIsTheBestOfAGrid() throws {
    func layer(_ name: String, _ parameters: Int, _ divergences: [Double])
      -> SensitivityReport.Layer
    {
      .init(
        name: name, parameters: parameters,
        points: zip([0.25, 0.5, 0.75, 0.95], divergences).map {
          .init(ratio: $0, reached: $0, divergence: $1)
        })
    }
    let report = SensitivityReport(
      kind: .weights, criterion: "magnitude", divergence: .kullbackLeibler,
      ratios: [0.25, 0.5, 0.75, 0.95],
      layers: [
        layer("a", 1000, [0.01, 0.05, 0.2, 1]), layer("b", 4000, [0.02, 0.03, 0.3, 2]),
        layer("c", 200, [0.1, 0.3, 0.6, 1.5]),
      ], samples: 1, model: "m", data: "d", seed: 1, created: Date(), version: "1")
    func harm(_ index: Int, _ ratio: Double) -> Double {
      let points = [(0.0, 0.0)] + report.layers[index].points.map { ($0.ratio, $0.divergence) }
      for (start, end) in zip(points, points.dropFirst()) where ratio <= end.0 + 1e-12 {
        return start.1 + (end.1 - start.1) * (ratio - start.0) / (end.0 - start.0)
      }
      return .infinity
    }
    for total in [0.2, 0.5, 0.8, 0.9] {
      let found = try report.sparsities(total: total)
      let weights = zip(report.layers, found).reduce(0) {
        $0 + Double($1.0.parameters) * $1.1.sparsity
      }
      #expect(abs(weights - total * 5200) < 1)
      let own = found.indices.reduce(0) { $0 + harm($1, found[$1].sparsity) }
      var best = Double.infinity
      for a in stride(from: 0.0, through: 0.95, by: 0.01) {
        for c in stride(from: 0.0, through: 0.95, by: 0.01) {
          let b = (total * 5200 - a * 1000 - c * 200) / 4000
          if b >= 0, b <= 0.95 { best = min(best, harm(0, a) + harm(1, b) + harm(2, c)) }
        }
      }
      #expect(own <= best + 1e-3, "\(total): \(own) of \(best)")
    }
    #expect(throws: PithError.self) { try report.sparsities(total: 0.96) }
  }
}
