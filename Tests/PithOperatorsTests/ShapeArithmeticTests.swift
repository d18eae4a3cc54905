import PithGraph
import PithOperators
import PithTensors
import Testing

@Suite("Shape arithmetic resolves while extents are open")
struct ShapeArithmeticTests {
  private let batch = Dimension.named("N")

  private func image(_ graph: inout Graph, _ dimensions: [Dimension]? = nil) -> Value {
    graph.addInput("image", TensorType(.float32, dimensions ?? [batch, 3, 8, 8]))
  }

  private func integers(_ graph: inout Graph, _ values: Int64...) -> Value {
    graph.addWeight(nil, Tensor(values))
  }

  @Test("Shape, Gather, Unsqueeze, Concat, Reshape: the flattening PyTorch writes")
  func flattening() throws {
    var graph = Graph()
    let data = image(&graph)
    let shape = try graph.add(ShapeOperator(), data)
    let size = try graph.add(Gather(), shape, graph.addWeight(nil, Tensor(scalar: Int64(0))))
    let vector = try graph.add(Unsqueeze(), size, integers(&graph, 0))
    let target = try graph.add(Concat(axis: 0), vector, integers(&graph, -1))
    let flat = try graph.add(Reshape(), data, target)
    #expect(graph.fact(of: target)?.elements == [batch, -1])
    #expect(graph.type(of: flat)?.dimensions == [batch, 192])
    let bound = try graph.binding(["N": 5])
    #expect(bound.type(of: flat)?.shape == [5, 192])
    #expect(bound.fact(of: target)?.integers == [5, -1])
  }

  @Test("Shape, Slice, Concat, Reshape: the leading axes are kept")
  func leadingAxes() throws {
    var graph = Graph()
    let data = image(&graph)
    let shape = try graph.add(ShapeOperator(), data)
    let lead = try graph.add(Slice(), shape, integers(&graph, 0), integers(&graph, -2))
    let target = try graph.add(Concat(axis: 0), lead, integers(&graph, 64))
    let result = try graph.add(Reshape(), data, target)
    #expect(graph.type(of: result)?.dimensions == [batch, 3, 64])
  }

  @Test("The parts of a split shape, squeezed and put together again, are the shape")
  func splitting() throws {
    var graph = Graph()
    let data = image(&graph)
    let shape = try graph.add(ShapeOperator(), data)
    let parts = try graph.add(Split(count: 4), [shape])
    let first = try graph.add(Squeeze(), parts[0], integers(&graph, 0))
    let again = try graph.add(Unsqueeze(), first, integers(&graph, 0))
    let target = try graph.add(Concat(axis: 0), [again, parts[2], parts[1], parts[3]])[0]
    let result = try graph.add(Reshape(), data, target)
    #expect(graph.type(of: result)?.dimensions == [batch, 8, 3, 8])
  }

  @Test(
    "Reshape",
    arguments: [
      ([0, -1], [.named("N"), 192]), ([-1, 192], [.named("N"), 192]),
      ([0, 3, -1], [.named("N"), 3, 64]), ([-1, 3, 8, 8], [.named("N"), 3, 8, 8]),
      ([-1, 96], [.unknown, 96]), ([-1], [.unknown]), ([0, 0, 64], [.named("N"), 3, 64]),
    ] as [([Int64], [Dimension])])
  func reshape(_ target: [Int64], _ expected: [Dimension]) throws {
    var graph = Graph()
    let data = image(&graph)
    let result = try graph.add(Reshape(), data, graph.addWeight(nil, Tensor(target)))
    #expect(graph.type(of: result)?.dimensions == expected)
  }

  @Test(
    "Reshapes that cannot be are refused",
    arguments: [[-1, -1], [5, 5], [-2, 3], [0, 0, 0, 0, 0], [-1, 7], [.max, .max]] as [[Int64]])
  func badReshape(_ target: [Int64]) throws {
    let data = Fact(.float32, [2, 3, 8, 8])
    #expect(throws: ShapeError.self) {
      try Reshape().infer([data, Fact(constant: Tensor(target))])
    }
  }

  @Test("Values made to an open extent have it")
  func openExtents() throws {
    var graph = Graph()
    let data = image(&graph)
    let shape = try graph.add(ShapeOperator(), data)
    let filled = try graph.add(ConstantOfShape(), shape)
    #expect(graph.type(of: filled)?.dimensions == [batch, 3, 8, 8])
    let stretched = try graph.add(Expand(), graph.addScalar(1), shape)
    #expect(graph.type(of: stretched)?.dimensions == [batch, 3, 8, 8])
    let zero = graph.addWeight(nil, Tensor(scalar: Int64(0)))
    let one = graph.addWeight(nil, Tensor(scalar: Int64(1)))
    let size = try graph.add(Gather(), shape, zero)
    let count = try graph.add(RangeOperator(), zero, size, one)
    #expect(graph.type(of: count)?.dimensions == [batch])
  }

  @Test("Axes that nothing is done to stay open by name")
  func untouchedAxes() throws {
    let data = Fact(.float32, [batch, 3, 8, 8])
    func constant(_ values: [Int64]) -> Fact { Fact(constant: Tensor(values)) }
    let sliced = try Slice().infer([
      data, constant([0, 1]), constant([.max, 7]), constant([0, 2]),
    ])
    #expect(sliced[0].dimensions == [batch, 3, 6, 8])
    let padded = try Pad().infer([data, constant([0, 0, 1, 1, 0, 0, 1, 1])])
    #expect(padded[0].dimensions == [batch, 3, 10, 10])
    let tiled = try Tile().infer([data, constant([1, 2, 1, 1])])
    #expect(tiled[0].dimensions == [batch, 6, 8, 8])
    let resized = try Resize().infer([
      data, nil, Fact(constant: Tensor([1, 1, 2, 2] as [Float])),
    ])
    #expect(resized[0].dimensions == [batch, 3, 16, 16])
    let flat = try Flatten().infer([data])
    #expect(flat[0].dimensions == [batch, 192])
    let turned = try Transpose([0, 2, 3, 1]).infer([data])
    #expect(turned[0].dimensions == [batch, 8, 8, 3])
  }

  @Test("Resizing to the size of another value, as decoders do")
  func resizeToSkip() throws {
    var graph = Graph()
    let (height, width) = (Dimension.named("H"), Dimension.named("W"))
    let skip = image(&graph, [batch, 3, height, width])
    let deep = graph.addInput("deep", TensorType(.float32, [batch, 16, .unknown, .unknown]))
    let channels = try graph.add(
      ShapeOperator(start: 0, end: 2), deep)
    let space = try graph.add(ShapeOperator(start: 2), skip)
    let sizes = try graph.add(Concat(axis: 0), channels, space)
    let result = try graph.add(Resize(.linear), deep, nil, nil, sizes)
    #expect(graph.fact(of: sizes)?.elements == [batch, 16, height, width])
    #expect(graph.type(of: result)?.dimensions[..<2] == [batch, 16])
    let bound = try graph.binding(inputs: [
      TensorType(.float32, [2, 3, 9, 7]), TensorType(.float32, [2, 16, 4, 3]),
    ])
    #expect(bound.type(of: result)?.shape == [2, 16, 9, 7])
  }
}
