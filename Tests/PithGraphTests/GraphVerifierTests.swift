import PithGraph
import PithOperators
import PithTensors
import Testing

struct GraphVerifierTests {
  /// y = Identity(Identity(x)), with a weight that nobody uses.
  private func chain() throws -> (graph: Graph, input: Value, weight: Value, output: Value) {
    var graph = Graph(name: "chain")
    let input = graph.addInput("x", TensorType(.float32, [.named("N"), 3]))
    let weight = graph.addWeight("w", Tensor([1, 2, 3] as [Float]))
    let middle = try graph.add(Identity(), input, name: "first")
    let output = try graph.add(Identity(), middle, name: "second")
    graph.addOutput(output, name: "y")
    return (graph, input, weight, output)
  }

  private func fault(_ graph: Graph) -> String {
    do throws(GraphError) {
      try graph.verify()
      return "no fault"
    } catch {
      return error.description
    }
  }

  @Test func acceptsWhatWasBuiltNodeByNode() throws {
    try chain().graph.verify()
  }

  @Test func acceptsUnknownTypesBehindOpaqueNodes() throws {
    var (graph, input, _, _) = try chain()
    let opaque = OpaqueOperator(kind: "Mystery", domain: "elsewhere", attributes: [:])
    let made = try graph.add(opaque, [input], outputs: 1)
    graph.addOutput(try graph.add(Identity(), made[0]))
    try graph.verify()
    #expect(graph.unsupported.map(\.operator) == ["elsewhere.Mystery"])
  }

  @Test func findsUseBeforeDefinition() throws {
    var (graph, input, _, _) = try chain()
    let late = graph.declare("late", nil)
    graph.append(Identity(), [late], outputs: [graph.declare("a", nil)], name: "early")
    graph.append(Identity(), [input], outputs: [late], name: "maker")
    #expect(
      fault(graph) == "node 'early' (Identity) uses 'late', which nothing before it makes")
    try graph.sortTopologically()
    try graph.verify()
  }

  @Test func findsValuesMadeTwice() throws {
    var (graph, input, _, output) = try chain()
    graph.append(Identity(), [input], outputs: [output], name: "again")
    #expect(fault(graph).contains("makes 'y', which is made elsewhere too"))
  }

  @Test func findsOutputsThatNobodyMakes() throws {
    var graph = try chain().graph
    graph.addOutput(graph.declare("ghost", nil))
    #expect(fault(graph) == "output 'ghost' is made by no node")
  }

  @Test func findsTypesThatInferenceContradicts() throws {
    var (graph, _, _, output) = try chain()
    graph.setFact(Fact(.float32, [.named("N"), 4]), of: output)
    #expect(fault(graph).contains("of type float32[N, 3], but it is noted as float32[N, 4]"))
  }

  @Test func findsUpdatesOfWhatIsNoWeight() throws {
    var (graph, input, weight, output) = try chain()
    graph.addUpdate(weight, to: output)
    #expect(fault(graph).contains("'w' would become float32[N, 3] by its update"))
    graph = try chain().graph
    graph.addUpdate(input, to: output)
    #expect(fault(graph).contains("needs a weight there"))
  }
}
