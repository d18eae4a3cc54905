import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

@Suite("Control flow")
struct ControlFlowTests {
  /// `state + captured`, to go on while the number of the run is below `last`, and the new state.
  private func body(until last: Int64) throws -> Subgraph {
    var graph = Graph(name: "body")
    let number = graph.addInput("number", TensorType(.int64, []))
    _ = graph.addInput("condition", TensorType(.bool, []))
    let state = graph.addInput("state", TensorType(.float32, [2]))
    let step = graph.addInput("step", nil)
    let goesOn = try graph.add(Less(), number, graph.addWeight(nil, Tensor(scalar: last)))
    let next = try graph.add(Add(), state, step)
    for value in [goesOn, next, next] { graph.addOutput(value) }
    return Subgraph(graph, captured: [0])
  }

  /// A graph of one node over two inputs, the second of which the node captures.
  private func network(
    _ flow: any ControlFlowOperator, _ inputs: (inout Graph, Value) -> [Value?], outputs: Int
  ) -> Graph {
    var graph = Graph()
    let data = graph.addInput("data", TensorType(.float32, [2]))
    let step = graph.addInput("step", TensorType(.float32, [2]))
    let given = inputs(&graph, data)
    let results = (0..<outputs).map { graph.declare("result\($0)", nil) }
    graph.append(flow, given, outputs: results, name: "flow", captured: [step])
    for result in results { graph.addOutput(result) }
    return graph
  }

  private let data = [Tensor([1, 2] as [Float]), Tensor([10, 20] as [Float])]

  @Test("A loop runs as often as it is told, and stacks up its results")
  func counted() throws {
    let loop = try Loop([:], bodies: ["body": body(until: 100)])
    let graph = network(
      loop,
      { graph, data in
        [graph.addWeight(nil, Tensor(scalar: Int64(3))), nil, data]
      }, outputs: 2)
    let results = try Executable(graph).run(data)
    #expect(results[0] == Tensor([31, 62] as [Float]))
    #expect(results[1] == Tensor([11, 22, 21, 42, 31, 62] as [Float], [3, 2]))
  }

  @Test("A loop ends where its body says so")
  func conditional() throws {
    let loop = try Loop([:], bodies: ["body": body(until: 4)])
    let graph = network(
      loop,
      { graph, data in
        [nil, graph.addWeight(nil, Tensor(scalar: true)), data]
      }, outputs: 1)
    #expect(try Executable(graph).run(data)[0] == Tensor([51, 102] as [Float]))
  }

  @Test("A loop that does not run passes its values on")
  func never() throws {
    let loop = try Loop([:], bodies: ["body": body(until: 4)])
    let graph = network(
      loop,
      { graph, data in
        [nil, graph.addWeight(nil, Tensor(scalar: false)), data]
      }, outputs: 1)
    #expect(try Executable(graph).run(data)[0] == data[0])
  }

  @Test("A loop without an end, or with one that is computed, is refused by name")
  func endless() throws {
    let endless = try Loop([:], bodies: ["body": body(until: .max)])
    let graph = network(endless, { _, data in [nil, nil, data] }, outputs: 1)
    #expect {
      try Executable(graph)
    } throws: { "\($0)".contains("'flow' (Loop): not supported: a course that depends on") }

    let counted = network(
      endless,
      { graph, data in
        [graph.addInput("count", TensorType(.int64, [])), nil, data]
      }, outputs: 1)
    #expect {
      try Executable(counted)
    } throws: { "\($0)".contains("(Loop)") }
  }

  @Test("The branch that is taken stands in the stead of the condition", arguments: [true, false])
  func branches(_ condition: Bool) throws {
    func branch(_ make: (inout Graph, Value) throws -> Value) rethrows -> Subgraph {
      var graph = Graph(name: "branch")
      let step = graph.addInput("step", nil)
      graph.addOutput(try make(&graph, step))
      return Subgraph(graph, captured: [0])
    }
    let flow = try If(
      [:],
      bodies: [
        "then_branch": branch { graph, step in try graph.add(Neg(), step) },
        "else_branch": branch { _, step in step },
      ])
    let graph = network(
      flow,
      { graph, _ in
        [graph.addWeight(nil, Tensor(scalar: condition))]
      }, outputs: 1)
    let expected: [Float] = condition ? [-10, -20] : [10, 20]
    #expect(try Executable(graph).run(data)[0] == Tensor(expected))
  }

  @Test("A scan takes values apart from either end")
  func scanned() throws {
    var body = Graph(name: "body")
    let total = body.addInput("total", TensorType(.float32, []))
    let element = body.addInput("element", TensorType(.float32, []))
    let next = try body.add(Add(), total, element)
    body.addOutput(next)
    body.addOutput(next)
    for (direction, expected) in [(0, [1, 3, 6] as [Float]), (1, [3, 5, 6])] {
      let scan = try Scan(
        ["num_scan_inputs": .int(1), "scan_input_directions": .ints([direction])],
        bodies: ["body": Subgraph(body, captured: [])])
      var graph = Graph()
      let data = graph.addInput("data", TensorType(.float32, [3]))
      let results = [graph.declare("last", nil), graph.declare("all", nil)]
      graph.append(scan, [graph.addScalar(0), data], outputs: results, name: "scan")
      for result in results { graph.addOutput(result) }
      let values = try Executable(graph).run([Tensor([1, 2, 3] as [Float])])
      #expect(values[0] == Tensor(scalar: Float(6)))
      #expect(values[1] == Tensor(expected))
    }
  }
}
