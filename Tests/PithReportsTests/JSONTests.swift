import Foundation
import PithReports
import Testing

/// The names in JSON are a promise to programs: they are checked with a reader of another make.
@Suite struct JSONTests {
  @Test func inspectHasItsNames() throws {
    let report = InspectReport(
      parameters: 832, nonzeroParameters: 800, macs: 12_544, fileBytes: 4096,
      inputs: [.init(name: "x", shape: ["N", 1, 28, 28], type: "float32")],
      outputs: [.init(name: "y", shape: nil, type: "float32")],
      operators: ["Relu": 1, "Conv": 2, "Add": 3],
      layers: [
        .init(
          name: "conv", operator: "Conv", parameters: 832, macs: nil,
          outputShape: [1, 32, 28, 28], weightShape: [32, 1, 5, 5], sparsity: 0.25, bits: 32)
      ], unsupported: [])
    let text = try report.json()
    let object = try parse(text)
    #expect(
      Set(object.keys) == [
        "parameters", "nonzeroParameters", "macs", "fileBytes", "inputs", "outputs", "operators",
        "layers", "unsupported", "groups", "frozenGroups",
        "norms",
      ])
    let input = try #require(objects(object["inputs"]).first)
    #expect(Set(input.keys) == ["name", "shape", "type"])
    #expect((input["shape"] as? [Any])?.first as? String == "N")
    #expect((input["shape"] as? [Any])?.last as? Int == 28)
    let layer = try #require(objects(object["layers"]).first)
    #expect(
      Set(layer.keys) == [
        "name", "operator", "parameters", "macs", "outputShape", "weightShape", "sparsity", "bits",
      ])
    #expect(layer["macs"] is NSNull)
    #expect(text.contains(#""operators": {"Add": 3, "Conv": 2, "Relu": 1}"#))
    #expect(try InspectReport(json: Data(text.utf8), source: "inspect.json") == report)
  }

  @Test func evaluateHasItsNames() throws {
    let report = EvaluateReport(samples: 10_000, top1: 0.9931, top5: nil, loss: .nan, seconds: 1.5)
    let text = try report.json()
    let object = try parse(text)
    #expect(object["samples"] as? Int == 10_000)
    #expect(object["top1"] as? Double == 0.9931)
    #expect(object["top5"] is NSNull)
    #expect(object["loss"] is NSNull, "JSON has no word for what is not a number")
    #expect(object["seconds"] as? Double == 1.5)
    #expect(object["meanSquaredError"] is NSNull)
  }

  @Test func trainHasItsNames() throws {
    let report = TrainReport(
      epochs: [
        .init(epoch: 1, loss: 0.5, validationTop1: nil, learningRate: 0.1, seconds: 3)
      ], imagesPerSecond: 2310, top1: 0.9, top5: 0.99, model: "model.onnx")
    let object = try parse(report.json())
    #expect(
      Set(object.keys).isSuperset(of: ["epochs", "imagesPerSecond", "top1", "top5", "model"]))
    let epoch = try #require(objects(object["epochs"]).first)
    #expect(
      Set(epoch.keys) == [
        "epoch", "loss", "validationTop1", "validationLoss", "learningRate", "seconds",
      ])
    #expect(epoch["validationTop1"] is NSNull)
  }

  @Test func profileSaysThatEnergyIsUnknown() throws {
    let latency = try #require(LatencySummary(milliseconds: [1, 2, 3]))
    let report = ProfileReport(
      batch: 1, runtime: "oneDNN", latencyMilliseconds: latency, throughput: 500,
      layers: [.init(name: "conv", operator: "Conv", milliseconds: 1, macs: 100)],
      energyJoules: nil)
    let object = try parse(report.json())
    #expect(object["energyJoules"] is NSNull)
    #expect(
      Set(object.keys).isSuperset(of: [
        "batch", "runtime", "latencyMilliseconds", "throughput", "layers", "energyJoules",
      ]))
    let times = try #require(object["latencyMilliseconds"] as? [String: Any])
    #expect(Set(times.keys) == ["min", "p50", "p90", "p99", "mean"])
    let layer = try #require(objects(object["layers"]).first)
    #expect(Set(layer.keys).isSuperset(of: ["name", "operator", "milliseconds", "macs"]))
  }

  @Test func compressHasItsNames() throws {
    let report = SampleReports.compress
    let text = try report.json()
    let object = try parse(text)
    let measurements: Set = [
      "top1", "top5", "loss", "parameters", "nonzeroParameters", "macs", "onnxBytes", "pithBytes",
      "latencyMilliseconds",
    ]
    for key in ["baseline", "result", "control"] {
      let model = try #require(object[key] as? [String: Any])
      #expect(Set(model.keys) == measurements)
    }
    let step = try #require(objects(object["steps"]).first)
    #expect(Set(step.keys) == ["method", "settings", "before", "after", "seconds", "notes"])
    #expect((step["settings"] as? [String: Any])?["sparsity"] as? Double == 0.96)
    let files = try #require(object["files"] as? [String: Any])
    #expect(Set(files.keys) == ["onnx", "pith", "report"])
    #expect((object["confusion"] as? [[Int]])?[6] == SampleReports.confusion[6])
    #expect(object["seed"] as? Int == 1)
    #expect(try CompressReport(json: Data(text.utf8), source: "report.json") == report)
  }

  @Test func compareHasItsNames() throws {
    let report = CompareReport(rows: [
      .init(
        method: "pruning", settings: ["sparsity": 0.9], top1: nil, parameters: 10, macs: nil,
        onnxBytes: 40, pithBytes: nil, latencyMilliseconds: nil, trainingSeconds: 1)
    ])
    let row = try #require(objects(try parse(report.json())["rows"]).first)
    #expect(
      Set(row.keys).isSuperset(of: [
        "method", "settings", "top1", "parameters", "macs", "onnxBytes", "pithBytes",
        "latencyMilliseconds", "trainingSeconds",
      ]))
  }

  @Test func missingAccuracyIsNull() throws {
    let object = try parse(SampleReports.withoutData.json())
    let result = try #require(object["result"] as? [String: Any])
    #expect(result["top1"] is NSNull)
    #expect(object["confusion"] is NSNull)
    #expect((object["files"] as? [String: Any])?["pith"] is NSNull)
  }

  @Test func membersKeepTheirOrder() throws {
    let text = try SampleReports.compress.json()
    let names = ["\"seed\"", "\"baseline\"", "\"result\"", "\"steps\"", "\"files\"", "\"created\""]
    let places = names.compactMap { text.range(of: $0)?.lowerBound }
    #expect(places.count == names.count)
    #expect(places == places.sorted())
    #expect(try SampleReports.compress.json() == text)
  }

  @Test func extremeNumbersStayNumbers() throws {
    let settings: [String: SettingValue] = [
      "tiny": 1e-300, "huge": 1e300, "half": -0.5, "none": .none, "infinite": .number(.infinity),
      "list": [1, 2.5, "three", [true]], "mapping": .mapping(["fc": 0.5]),
    ]
    var report = SampleReports.compress
    report.seed = .max
    report.steps[0].settings = settings
    let text = try report.json()
    let step = try #require(objects(try parse(text)["steps"]).first)
    let read = try #require(step["settings"] as? [String: Any])
    #expect(read["tiny"] as? Double == 1e-300)
    #expect(read["huge"] as? Double == 1e300)
    #expect(read["infinite"] is NSNull)
    #expect((read["mapping"] as? [String: Any])?["fc"] as? Double == 0.5)
    let again = try CompressReport(json: Data(text.utf8), source: "report.json")
    #expect(again.steps[0].settings["mapping"] == .mapping(["fc": 0.5]))
    #expect(text.contains("\"seed\": 18446744073709551615"))
    #expect(try CompressReport(json: Data(text.utf8), source: "report.json").seed == .max)
  }

  @Test(arguments: HostileText.all) func anyTextComesBack(_ text: String) throws {
    var report = SampleReports.compress
    report.model = text
    report.steps[0].settings = [text: .text(text)]
    let json = try report.json()
    #expect(!json.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(try CompressReport(json: Data(json.utf8), source: "report.json") == report)
  }

  @Test func damageIsNamed() {
    let error = #expect(throws: ReportError.self) {
      try CompareReport(json: Data(#"{"rows": [{"method": 5}]}"#.utf8), source: "a.json")
    }
    #expect(error?.description == "a.json: at 'rows.0.method': expected String")
    #expect(throws: ReportError.self) {
      try CompareReport(json: Data("{".utf8), source: "a.json")
    }
  }

  private func parse(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func objects(_ value: Any?) -> [[String: Any]] { value as? [[String: Any]] ?? [] }
}
