import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

@Suite("Places that an operator's axes lose")
struct OperatorLinksTests {
  /// Along every group of linked axes of every example: without its first channel, and without all
  /// but the last, the graph is legal and the remaining values are those that zeros in summed
  /// places give.
  @Test(
    "leave the others as they are",
    // What Shape gives are the extents themselves.
    arguments: OperatorExample.all.filter { $0.kind.name != "Shape" })
  func removal(_ argument: OperatorExample) throws {
    let graph = try loneNode(
      argument.kind.init(argument.example.attributes), argument.example)
    let groups = try graph.pruningGroups()
    for group in groups.groups where group.count > 1 {
      for channels in [[0], Array(0..<(group.count - 1))] {
        try check(graph, ChannelRemoval(channels, of: group), bound: groups.bound)
      }
    }
  }

  /// Operators that networks are made of, and in how many of their examples something can go.
  @Test(
    "are found",
    arguments: [
      ("Add", 3), ("Attention", 3), ("BatchNormalization", 2), ("Concat", 4), ("Conv", 4),
      ("ConvTranspose", 7),
      ("DepthToSpace", 2), ("Einsum", 6), ("Flatten", 3), ("Gather", 5), ("Gemm", 4),
      ("GroupNormalization", 1),
      ("InstanceNormalization", 2), ("LSTM", 1), ("MatMul", 4), ("MaxPool", 5), ("PRelu", 3),
      ("Pad", 4), ("Relu", 1), ("Reshape", 2), ("RotaryEmbedding", 3), ("Slice", 4), ("Split", 4),
      ("Transpose", 5),
    ])
  func links(_ name: String, _ least: Int) throws {
    let examples = OperatorExample.all.filter { $0.kind.name == name }
    let linked = try examples.filter { argument in
      let graph = try loneNode(
        argument.kind.init(argument.example.attributes), argument.example)
      return try graph.pruningGroups().groups.contains { $0.count > 1 }
    }
    #expect(linked.count >= least)
  }

  private func check(_ graph: Graph, _ removal: ChannelRemoval, bound: Graph) throws {
    let smaller = try graph.removing(removal)
    var silent = graph
    for sum in graph.summedInputs(of: removal, bound: bound) {
      let value = try #require(graph.node(sum.node)?.inputs[sum.input])
      let maker = try #require(graph.nodes.first { $0.output == value })
      let source = try #require(maker.inputs[0])
      silent.setWeight(
        source, try #require(silent.weights[source]).zeroed(sum.places, axis: sum.axis))
    }
    let outputs = try #require(graph.nodes.last).outputs.compactMap(\.self)
    var narrowed = smaller
    silent.setOutputs(outputs)
    narrowed.setOutputs(outputs)
    let expected = try Evaluator().run(silent, [])
    let actual = try Evaluator().run(narrowed, [])
    for (index, output) in outputs.enumerated() {
      var kept = expected[index]
      for axis in 0..<kept.shape.rank {
        guard let gone = removal.places[ValueAxis(output, axis)] else { continue }
        kept = kept.selecting(
          (0..<kept.shape[axis]).filter { !gone.contains($0) }, axis: axis)
      }
      #expect(actual[index].shape == kept.shape)
      expectClose(actual[index].floats, kept.floats, relative: 1e-5, absolute: 1e-5)
    }
  }

  /// A graph without inputs and outputs in which the operator is given copies of constants.
  private func loneNode(_ operator: any Operator, _ example: Example) throws -> Graph {
    let instance = try ExampleGraph(`operator`, example)
    var graph = Graph(name: "lone")
    var inputs: [Value?] = []
    for (slot, input) in example.inputs.enumerated() {
      switch input {
      case .random:
        let index = try #require(instance.slots.firstIndex(of: slot))
        inputs.append(
          try graph.add(Identity(), graph.addWeight("input\(slot)", instance.tensors[index])))
      case .constant(let tensor): inputs.append(graph.addWeight("constant\(slot)", tensor))
      case .absent: inputs.append(nil)
      }
    }
    try graph.add(`operator`, inputs, outputs: example.outputCount)
    return graph
  }
}

extension Tensor {
  fileprivate func zeroed(_ places: [Int], axis: Int) -> Tensor {
    let (extent, inner) = (shape[axis], shape.strides[axis])
    return Tensor(
      floats.enumerated().map { places.contains($0 / inner % extent) ? 0 : $1 }, shape)
  }
}
