import Foundation
import PithData
import PithTensors
import Testing

/// How the program ends, and that what it says names the place.
@Suite struct ExitStatusTests {
  @Test func helpAndVersionAreFine() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.pith(["--help"]).status == 0)
    #expect(try sandbox.pith(["--version"]).output.hasPrefix("0."))
    #expect(try sandbox.pith(["compress", "--help"]).output.contains("--preset"))
  }

  @Test(arguments: [
    ["frobnicate"], ["inspect"], ["inspect", "a", "b"], ["profile", "m.onnx", "--batch", "0"],
    ["profile", "m.onnx", "--threads", "0"], ["train", "lenet-5", "-o", "x.onnx"],
    ["compress", "m.onnx", "-o", "run"], ["methods", "prunning"],
    ["compress", "m.onnx", "-o", "run", "--preset", "tine"], ["inspect", "-q", "-v", "m.onnx"],
    ["train", "lenet-6", "--data", "arrays:data.npz", "-o", "x.onnx"],
    ["evaluate", "model.onnx", "--data", "nonsense"],
    ["evaluate", "model.onnx", "--data", "arrays:data.npz", "--preprocess", "imagent"],
  ]) func usageIs64(_ arguments: [String]) throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let run = try sandbox.pith(arguments)
    #expect(run.status == 64)
    #expect(!run.errors.isEmpty)
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [
    ["inspect", "absent.onnx"], ["unpack", "absent.pith", "-o", "x.onnx"],
    ["pack", "absent.onnx", "-o", "x.pith"], ["profile", "absent.onnx"],
    ["run", "model.onnx", "--inputs", "absent.npz", "-o", "y.npz"],
    ["evaluate", "model.onnx", "--data", "arrays:absent.npz"],
    ["compress", "model.onnx", "--recipe", "absent.yaml", "-o", "run"],
    ["runs", "list", "absent"],
  ]) func missingInputsAre66(_ arguments: [String]) throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let run = try sandbox.pith(arguments)
    #expect(run.status == 66)
    #expect(run.errors.contains("absent"))
  }

  @Test func damagedModelsAre65() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let bytes = try Data(contentsOf: sandbox.file("model.onnx"))
    try bytes.prefix(bytes.count / 2).write(to: sandbox.file("half.onnx"))
    try Data("no model at all".utf8).write(to: sandbox.file("text.onnx"))
    try Data().write(to: sandbox.file("empty.onnx"))
    #expect(try sandbox.pith(["pack", "model.onnx", "-o", "model.pith"]).status == 0)
    var archive = try Data(contentsOf: sandbox.file("model.pith"))
    archive[archive.count / 2] ^= 0xff
    try archive.write(to: sandbox.file("damaged.pith"))
    for name in ["half.onnx", "text.onnx", "empty.onnx", "damaged.pith", "."] {
      let run = try sandbox.pith(["inspect", name])
      #expect(run.status == 65, "\(name)")
      #expect(run.errors.contains(name == "." ? "/" : name))
    }
    #expect(try sandbox.pith(["unpack", "damaged.pith", "-o", "x.onnx"]).status == 65)
    #expect(!sandbox.exists("x.onnx"))
  }

  @Test func badRecipesAre78() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    try sandbox.write("steps:\n  - prunning: {}\n  - pruning: {bits: 3}\n", to: "bad.yaml")
    let run = try sandbox.pith(["compress", "model.onnx", "--recipe", "bad.yaml", "-o", "run"])
    #expect(run.status == 78)
    #expect(run.errors.contains("line 2"))
    #expect(run.errors.contains("line 3"))
    #expect(!sandbox.exists("run"))
  }

  @Test func takenAndImpossiblePlacesAre73() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    try sandbox.write("mine", to: "taken")
    for target in ["taken", "no/such/folder/x.pith"] {
      let run = try sandbox.pith(["pack", "model.onnx", "-o", target])
      #expect(run.status == 73)
      #expect(run.errors.contains(target))
    }
    #expect(try String(contentsOf: sandbox.file("taken"), encoding: .utf8) == "mine")
    #expect(try sandbox.pith(["pack", "model.onnx", "-o", "taken", "--force"]).status == 0)
    #expect(
      try sandbox.pith(["compress", "model.onnx", "--preset", "int8", "-o", "taken"]).status == 73)
  }

  /// A device that is always full.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func fullDisksAre73() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    let run = try sandbox.pith(["inspect", "model.onnx"])
    #expect(run.status == 0)
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    let program = try #require(Sandbox.program).path
    shell.arguments = ["-c", "'\(program)' inspect '\(sandbox.path("model.onnx"))' > /dev/full"]
    shell.standardError = Pipe()
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 73)
  }

  @Test func unsuitableArraysAre65() throws {
    let sandbox = try Sandbox()
    try sandbox.makeModel()
    var wrong = NumPyArchive()
    try wrong.add(Tensor(.float32, [1, 1, 5, 5]), named: "input")
    try wrong.write(to: sandbox.file("wrong.npz"))
    let run = try sandbox.pith([
      "run", "model.onnx", "--inputs", "wrong.npz", "-o", "y.npz",
    ])
    #expect(run.status == 65)
    #expect(run.errors.contains("1x1x5x5"))
    #expect(!sandbox.exists("y.npz"))
  }
}
