import Foundation
import PithGraph
import PithKernels
import PithONNX
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Quantized networks run on bytes, against what ONNX Runtime makes of them; the files come from
/// Scripts/golden/integers.py.
struct IntegerNetworksTests {
  static let networks =
    ["plain", "residual", "depthwise", "branches"].flatMap { name in
      ["u8s8", "s8s8", "symmetric", "u8u8"].map { "\(name)-\($0)" }
    } + ["aware"]

  @Test("outputs are within one quantization step of ONNX Runtime's", arguments: networks)
  func agrees(_ name: String) throws {
    let fixture = try Fixture(name)
    // ONNX Runtime's own two ways, integers and simulation, are up to three steps apart.
    for (integers, steps) in [(IntegerArithmetic.exact, 1), (.simulated, 3)] {
      let executable = try Executable(fixture.graph, integers: integers)
      let output = try executable.run([fixture.input])[0]
      #expect(output.shape == fixture.output.shape)
      expectClose(
        output.floats, fixture.output.floats, relative: 0,
        absolute: Float(steps) * fixture.step * 1.001,
        "\(name), \(integers)")
    }
  }

  @Test(
    "any batch gives what one image at a time gives", arguments: ["plain-u8s8", "residual-u8s8"])
  func agreesWithItself(_ name: String) throws {
    let fixture = try Fixture(name)
    let half = fixture.input.count / 2
    let first = Tensor(
      Array(fixture.input.floats[..<half]),
      Shape([1] + fixture.input.shape.dimensions.dropFirst()))
    let one = try fixture.graph.binding(inputs: [TensorType(.float32, first.shape)])
    let whole = try Executable(fixture.graph).run([fixture.input])[0].floats
    let alone = try Executable(one).run([first])[0].floats
    #expect(Array(whole[..<alone.count]) == alone)
  }

  @Test(
    "every layer is a kernel on bytes",
    .enabled(if: !ProcessorLevel.sumsPairsInSixteenBits, "sums of bytes may overflow here"),
    arguments: networks.filter { !$0.hasSuffix("u8u8") })
  func leavesNothingToFloats(_ name: String) throws {
    let steps = try Executable(Fixture(name).graph).steps.map(\.operatorName)
    let floats: Set = [
      "Conv", "Gemm", "MatMul", "Add", "Concat", "AveragePool", "GlobalAveragePool", "Relu", "Clip",
    ]
    #expect(floats.isDisjoint(with: steps))
    #expect(steps.contains("IntegerConv"))
  }

  @Test(
    "sums are computed with the convolution before them",
    .enabled(if: !ProcessorLevel.sumsPairsInSixteenBits, "sums of bytes may overflow here"))
  func fusesSums() throws {
    let steps = try Executable(Fixture("residual-u8s8").graph).steps.map(\.operatorName)
    #expect(!steps.contains("IntegerSum"))
  }

  @Test("weights may lose a bit where that is asked for")
  func isFastWhereAskedFor() throws {
    let fixture = try Fixture("plain-u8s8")
    let executable = try Executable(fixture.graph, integers: .fast)
    #expect(!executable.steps.contains { $0.operatorName == "Conv" })
    expectClose(
      try executable.run([fixture.input])[0].floats, fixture.output.floats, relative: 0,
      absolute: 6 * fixture.step)
  }

  @Test("the simulation stays available")
  func simulates() throws {
    let executable = try Executable(Fixture("plain-u8s8").graph, integers: .simulated)
    #expect(!executable.steps.contains { $0.operatorName.hasPrefix("Integer") })
  }

  /// A network with an input, ONNX Runtime's output for it and the step that output is rounded to.
  private struct Fixture {
    var graph: Graph
    let input: Tensor
    let output: Tensor
    let step: Float

    init(_ name: String) throws {
      let folder = try #require(Bundle.module.resourceURL)
        .appendingPathComponent("Fixtures/integers")
      func tensor(_ kind: String) throws -> Tensor {
        try TensorFile.read(folder.appendingPathComponent("\(name).\(kind).pb")).tensor
      }
      input = try tensor("input")
      output = try tensor("output")
      step = try tensor("step").floats[0]
      graph = try ONNXReader.read(folder.appendingPathComponent("\(name).onnx"))
        .binding(inputs: [TensorType(.float32, input.shape)])
    }
  }
}
