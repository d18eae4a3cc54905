import Foundation
import PithData
import PithTensors
import Testing

/// The commands on small models, and the names of their JSON.
@Suite struct CommandTests {
  @Test func inspect() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let json = try sandbox.pith(["inspect", "model.onnx", "--json"]).json
    // 144 x 30 + 30, 30 x 10 + 10, 10 x 4 + 4.
    #expect(json["parameters"] as? Int == 4704)
    #expect(json["macs"] as? Int == 4660)
    #expect(
      Set(json.keys).isSuperset(of: [
        "parameters", "macs", "fileBytes", "nonzeroParameters", "inputs", "outputs", "operators",
        "layers", "unsupported",
      ]))
    #expect((json["operators"] as? [String: Int])?["Gemm"] == 3)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(
      Set(layers[1].keys).isSuperset(of: [
        "name", "operator", "parameters", "macs", "outputShape", "weightShape", "sparsity", "bits",
      ]))
    let input = try #require((json["inputs"] as? [[String: Any]])?.first)
    #expect(input["name"] as? String == "input")
    #expect(input["shape"] as? [AnyHashable] == ["N", 1, 12, 12] as [AnyHashable])
    #expect(input["type"] as? String == "float32")
  }

  @Test func inspectNorms() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let json = try sandbox.pith(["inspect", "model.onnx", "--norms", "--json"]).json
    let norms = try #require(json["norms"] as? [[String: Any]])
    let sums = norms.compactMap { $0["l1"] as? [Double] }
    #expect(sums.map(\.count) == [30, 10, 4])
    #expect(sums.allSatisfy { $0 == $0.sorted(by: >) && $0.allSatisfy { $0 > 0 } })
    let text = try sandbox.pith(["inspect", "model.onnx", "--norms"])
    #expect(text.status == 0 && text.output.contains("median") && text.output.contains("█"))
  }

  @Test func inspectGroups() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let json = try sandbox.pith(["inspect", "model.onnx", "--groups", "--json"]).json
    let groups = try #require(json["groups"] as? [[String: Any]])
    #expect(groups.map { $0["channels"] as? Int } == [30, 10])
    // 144 weights and a bias make a unit of the first layer, 10 weights read it.
    #expect(groups[0]["parametersPerChannel"] as? Int == 155)
    #expect(groups[0]["macsPerChannel"] as? Int == 154)
    #expect(groups[0]["millisecondsPerChannel"] is Double)
    let members = try #require(groups[0]["members"] as? [[String: Any]])
    #expect(members.contains { $0["isWeight"] as? Bool == true && $0["extent"] as? Int == 30 })
    let frozen = try #require(json["frozenGroups"] as? [[String: Any]])
    let reasons = frozen.map { $0["reason"] as? String }
    #expect(reasons.contains("it is the network's output 'logits'"))
    let text = try sandbox.pith(["inspect", "model.onnx", "--groups"])
    #expect(text.status == 0 && text.output.contains("stays whole"))
  }

  @Test func packUnpackAndRun() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let pack = try sandbox.pith(["pack", "model.onnx", "-o", "model.pith", "--json"])
    #expect(pack.status == 0)
    let sizes = try pack.json
    let bytes = try Data(contentsOf: sandbox.file("model.pith")).count
    #expect(sizes["pithBytes"] as? Int == bytes)
    #expect(try sandbox.pith(["unpack", "model.pith", "-o", "copy.onnx"]).status == 0)
    let original = try Data(contentsOf: sandbox.file("model.onnx"))
    #expect(try Data(contentsOf: sandbox.file("copy.onnx")) == original)

    var inputs = NumPyArchive()
    try inputs.add(
      Tensor((0..<288).map { Float($0 % 7) / 7 }, [2, 1, 12, 12]), named: "input")
    try inputs.write(to: sandbox.file("x.npz"))
    for (model, output) in [("model.onnx", "a.npz"), ("model.pith", "b.npz")] {
      let run = try sandbox.pith(["run", model, "--inputs", "x.npz", "-o", output])
      #expect(run.status == 0)
    }
    let (a, b) = (
      try NumPyArchive(contentsOf: sandbox.file("a.npz"))["logits"],
      try NumPyArchive(contentsOf: sandbox.file("b.npz"))["logits"]
    )
    #expect(a?.shape == [2, 4])
    #expect(a == b)
  }

  @Test func profile() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let json = try sandbox.pith([
      "profile", "model.onnx", "--runs", "5", "--batch", "2", "--threads", "1", "--json",
    ]).json
    #expect(json["batch"] as? Int == 2)
    let latency = try #require(json["latencyMilliseconds"] as? [String: Double])
    #expect(Set(latency.keys) == ["min", "p50", "p90", "p99", "mean"])
    #expect(json.keys.contains("energyJoules"))
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(
      Set(try #require(layers.first).keys).isSuperset(of: [
        "name", "operator", "milliseconds", "macs",
      ]))
  }

  @Test func trainEvaluateAndResume() throws {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    let train = [
      "train", "lenet-300-100", "--data", "arrays:data.npz", "--epochs", "3", "--batch", "32",
      "--width", "0.1", "--json", "--progress", "jsonl", "--threads", "1",
    ]
    let run = try sandbox.pith(train + ["-o", "a.onnx"])
    #expect(run.status == 0)
    let json = try run.json
    let epochs = try #require(json["epochs"] as? [[String: Any]])
    #expect(epochs.map { $0["epoch"] as? Int } == [1, 2, 3])
    #expect(
      Set(epochs[0].keys) == [
        "epoch", "loss", "validationTop1", "validationLoss", "learningRate", "seconds",
      ])
    #expect(try #require(json["top1"] as? Double) > 0.95)
    #expect(json["imagesPerSecond"] is Double)
    #expect(!sandbox.exists("a.onnx.checkpoint"))
    #expect(try sandbox.pith(train + ["-o", "b.onnx"]).status == 0)
    #expect(
      try Data(contentsOf: sandbox.file("a.onnx")) == Data(contentsOf: sandbox.file("b.onnx")))

    let evaluation = try sandbox.pith([
      "evaluate", "a.onnx", "--data", "arrays:data.npz", "--json", "-q",
    ])
    let measured = try evaluation.json
    #expect(measured["samples"] as? Int == 128)
    #expect(measured["top1"] as? Double == json["top1"] as? Double)
    #expect(measured.keys.contains("top5") && measured.keys.contains("loss"))
    #expect(evaluation.errors.allSatisfy { $0 != "\u{1b}" })
  }

  @Test func regressionIsTrainedAndMeasuredByItsError() throws {
    let sandbox = try Sandbox()
    try sandbox.makeRegressionData()
    let train = [
      "train", "lenet-300-100", "--data", "arrays:data.npz", "--epochs", "5", "--batch", "32",
      "--width", "0.1", "--threads", "1", "-o", "a.onnx", "--force",
    ]
    let refused = try sandbox.pith(train)
    #expect(refused.status == 65 && refused.errors.contains("--loss mse"))
    let json = try sandbox.pith(train + ["--loss", "mse", "--json", "-q"]).json
    #expect(json["top1"] is NSNull)
    let error = try #require(json["meanSquaredError"] as? Double)
    let epochs = try #require(json["epochs"] as? [[String: Any]])
    #expect(epochs[0]["validationTop1"] is NSNull)
    let validation = epochs.compactMap { $0["validationLoss"] as? Double }
    #expect(validation.count == 5 && validation[4] < 0.5 * validation[0])
    let evaluate = ["evaluate", "a.onnx", "--data", "arrays:data.npz"]
    let measured = try sandbox.pith(evaluate + ["--json", "-q"]).json
    #expect(measured["top1"] is NSNull && measured["samples"] as? Int == 64)
    #expect(measured["meanSquaredError"] as? Double == error)
    #expect(measured["loss"] as? Double == error)
    let text = try sandbox.pith(evaluate + ["-q"]).output
    #expect(text.contains("mean squared error") && !text.contains("accuracy"))
  }

  @Test func aTeacherIsLearntFrom() throws {
    let sandbox = try Sandbox()
    try sandbox.makeData()
    let train = [
      "train", "lenet-300-100", "--data", "arrays:data.npz", "--batch", "32", "--width", "0.1",
      "--threads", "1", "--json", "-q",
    ]
    #expect(try sandbox.pith(train + ["--epochs", "3", "-o", "teacher.onnx"]).status == 0)
    for loss in ["kl", "logits"] {
      let run = try sandbox.pith(
        train + ["-o", "\(loss).onnx", "--teacher", "teacher.onnx", "--distill-loss", loss]
          + ["--label-weight", "0", "--seed", "2", "--epochs", "5"])
      #expect(run.status == 0)
      #expect(try #require(try run.json["top1"] as? Double) > 0.9)
    }
    let mixed = try sandbox.pith(
      train + ["-o", "c.onnx", "--teacher", "teacher.onnx", "--loss", "mse"])
    #expect(mixed.status == 64 && mixed.errors.contains("--teacher goes with"))
  }

  @Test func memoryIsKeptToAndItsCostTold() throws {
    let sandbox = try Sandbox()
    try sandbox.makeData(train: 64)
    let train = [
      "train", "resnet20", "--data", "arrays:data.npz", "--epochs", "1", "--batch", "16",
      "--width", "0.5", "--threads", "1", "--validation", "0", "--progress", "none",
    ]
    let free = try sandbox.pith(train + ["--json", "-q", "-o", "a.onnx"]).json
    let bytes = try #require(free["memoryBytes"] as? Int)
    #expect(free["repeated"] as? Double == 0)
    let capped = try sandbox.pith(train + ["-o", "b.onnx", "--memory", "\(bytes * 3 / 4)B"])
    #expect(capped.output.contains("computed twice"))
    #expect(capped.errors.contains("allowed"))
    #expect(
      try Data(contentsOf: sandbox.file("a.onnx")) == Data(contentsOf: sandbox.file("b.onnx")))
    let refused = try sandbox.pith(train + ["-o", "c.onnx", "--memory", "10KB"])
    #expect(refused.status == 65 && refused.errors.contains("at the least"))
    #expect(try sandbox.pith(train + ["-o", "c.onnx", "--memory", "much"]).status == 64)
  }

  @Test func methodsAndDoctor() throws {
    let sandbox = try Sandbox()
    let methods = try sandbox.pith(["methods", "pruning", "--json"]).json
    #expect((methods["methods"] as? [[String: Any]])?.count == 1)
    let doctor = try sandbox.pith(["doctor", "--json"]).json
    #expect(doctor["kernels"] as? String != nil)
    let checks = try #require(doctor["checks"] as? [[String: Any]])
    #expect(
      checks.first { $0["name"] as? String == "OMP_WAIT_POLICY" }?["value"] as? String
        == "passive")
  }
}
