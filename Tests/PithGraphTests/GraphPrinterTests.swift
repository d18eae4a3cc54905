import PithGraph
import PithOperators
import PithTensors
import Testing

struct GraphPrinterTests {
  @Test func writesALineForEachPart() throws {
    var graph = Graph(name: "small")
    let image = graph.addInput("image", TensorType(.float32, [.named("N"), 1, 8, 8]))
    let kernel = graph.addWeight("kernel", Tensor(.float32, [2, 1, 3, 3]))
    let features = try graph.add(
      Conv(Attributes(["kernel_shape": .ints([3, 3])])), [image, kernel, nil], name: "conv")[0]
    graph.setName("features", of: features)
    let opaque = OpaqueOperator(
      kind: "If", domain: "", attributes: ["then_branch": .encoded([1, 2, 3])])
    graph.append(
      opaque, [features], outputs: [nil, graph.declare("z", nil)], name: "choice",
      captured: [image])
    graph.addOutput(features)
    #expect(
      GraphPrinter(graph).text == """
        network "small"
        input image: float32[N, 1, 8, 8]
        weight kernel: float32[2, 1, 3, 3]
        features: float32[N, 2, 6, 6] = Conv(kernel_shape: [3, 3]) image, kernel, _  // conv
        _, z: ? = If(then_branch: 3 bytes) features, [image]  // choice
        output features

        """)
  }
}
