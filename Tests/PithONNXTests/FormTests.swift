import Foundation
import PithGraph
import PithONNX
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Operators of old forms come out in the current one and compute what they computed.
struct FormTests {
  /// The nodes of a fixture by operator, with constants in the place of inputs that are weights.
  private func calls(_ name: String) throws -> [String] {
    let graph = try ONNXReader.read(Fixture(name: name).url)
    #expect(graph.metadata[ONNXMetadata.opset] == "21")
    return graph.nodes.map { node in
      let inputs = node.inputs.map { input in
        input.map { value in
          graph.weights[value].map { "\($0.shape) \($0.doubles)" } ?? "%"
        } ?? "_"
      }
      return ([node.operator.name] + inputs).joined(separator: ", ")
    }
  }

  @Test(arguments: [
    ("clip-9", "Clip, %, scalar [-0.5], scalar [0.5]"),
    ("clip-lower-9", "Clip, %, scalar [0.0]"),
    ("dropout-7", "Dropout, %, scalar [0.25]"),
    ("pad-constant-9", "Pad, %, 4 [0.0, 1.0, 2.0, 0.0], scalar [1.5]"),
    ("pad-reflect-9", "Pad, %, 4 [0.0, 1.0, 0.0, 2.0]"),
    ("slice-all-7", "Slice, %, 2 [1.0, -3.0], 2 [3.0, 5.0]"),
    ("split-11", "Split, %, 2 [4.0, 2.0]"),
    ("squeeze-11", "Squeeze, %, 2 [1.0, 3.0]"),
    ("unsqueeze-11", "Unsqueeze, %, 2 [0.0, 2.0]"),
    ("reduce-sum-11", "ReduceSum, %, 1 [2.0]"),
    ("reduce-mean-13", "ReduceMean, %, 1 [1.0]"),
    ("top-k-9", "TopK, %, 1 [2.0]"),
    ("upsample-nearest-7", "Resize, %, _, 4 [1.0, 1.0, 2.0, 2.0]"),
    ("resize-sizes-11", "Resize, %, _, _, 4 [1.0, 1.0, 7.0, 3.0]"),
  ])
  func attributesBecomeInputs(_ name: String, _ expected: String) throws {
    #expect(try calls(name) == [expected])
  }

  @Test(arguments: [
    ("softmax-last-9", ["Softmax"]), ("softmax-pooled-9", ["Softmax"]),
    ("softmax-matrix-11", ["Flatten", "Softmax", "Reshape"]),
    ("softmax-matrix-open-9", ["Shape", "Flatten", "Softmax", "Reshape"]),
    ("log-softmax-rows-11", ["Flatten", "LogSoftmax", "Reshape"]),
  ])
  func matricesBecomeExplicit(_ name: String, _ expected: [String]) throws {
    let graph = try ONNXReader.read(Fixture(name: name).url)
    #expect(graph.nodes.map(\.operator.name) == expected)
  }

  @Test(arguments: [7, 9, 11, 13, 18, 21])
  func networksOfAllTimesComeOutAlike(_ opset: Int) throws {
    let graph = try ONNXReader.read(Fixture(name: "network-\(opset)").url)
    #expect(graph.inputs.map(graph.name(of:)) == ["image"])
    #expect(
      graph.orderedWeights.map(graph.name(of:)) == [
        "conv.weight", "conv.bias", "bn.scale", "bn.bias", "bn.mean", "bn.variance", "fc.weight",
        "fc.bias", "two",
      ])
    #expect(
      graph.nodes.map(\.operator.name) == [
        "Conv", "BatchNormalization", "Relu", "MaxPool", "Mul", "Flatten", "Gemm", "Softmax",
      ])
    #expect(graph.type(of: graph.outputs[0]) == TensorType(.float32, [.named("batch"), 3]))
    #expect(graph.unsupported.isEmpty)
  }

  /// Against ONNX Runtime's outputs for the file as it was.
  @Test(arguments: Fixture.all) func computesTheSame(_ fixture: Fixture) throws {
    let expected = try fixture.tensors("output")
    let graph = try ONNXReader.read(fixture.url)
    guard !expected.isEmpty, graph.unsupported.isEmpty else { return }
    let actual = try outputs(of: graph, fixture.tensors("input"))
    #expect(actual.count == expected.count)
    for (actual, expected) in zip(actual, expected) {
      #expect(actual.shape == expected.shape && actual.dtype == expected.dtype)
      let scale = expected.doubles.reduce(1) { max($0, $1.magnitude) }
      for (a, b) in zip(actual.doubles, expected.doubles) {
        #expect((a - b).magnitude <= 1e-5 * scale)
      }
    }
  }

  /// The course of control flow has to be known before running, so there the inputs are constants.
  private func outputs(of graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    guard graph.nodes.contains(where: { $0.operator is any ControlFlowOperator }) else {
      return try Evaluator().run(graph, inputs)
    }
    var fixed = graph
    for (input, tensor) in zip(graph.inputs, inputs) { fixed.fix(input, tensor) }
    return try Executable(fixed).run([])
  }
}
