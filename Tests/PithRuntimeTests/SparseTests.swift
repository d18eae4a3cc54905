import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Sparse kernels against the dense ones.
struct SparseTests {
  private var random = Philox(seed: 7)

  private mutating func values(_ shape: Shape, density: Float = 1) -> Tensor {
    Tensor(
      (0..<shape.count).map { _ in
        random.uniform() < density ? random.uniform() * 2 - 1 : 0
      }, shape)
  }

  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var data: Shape
    var weight: Shape
    var strides: [Int] = [1, 1]
    var pads: [Int] = [1, 1, 1, 1]
    var dilations: [Int] = [1, 1]
  }

  static let cases = [
    Case(description: "rows of 8", data: [1, 5, 8, 8], weight: [7, 5, 3, 3]),
    Case(description: "rows of 16", data: [2, 3, 13, 16], weight: [4, 3, 3, 3]),
    Case(description: "rows of 32", data: [1, 4, 15, 32], weight: [6, 4, 3, 3]),
    Case(description: "odd rows", data: [5, 6, 7, 7], weight: [8, 6, 3, 3]),
    Case(
      description: "one by one", data: [1, 6, 4, 8], weight: [5, 6, 1, 1], pads: [0, 0, 0, 0]),
    Case(
      description: "strides", data: [3, 4, 33, 32], weight: [8, 4, 3, 3], strides: [2, 2]),
    Case(
      description: "unlike strides", data: [1, 3, 11, 20], weight: [4, 3, 5, 3], strides: [1, 3],
      pads: [2, 0, 1, 2]),
    Case(
      description: "dilation", data: [1, 3, 12, 19], weight: [4, 3, 3, 3], pads: [2, 2, 2, 2],
      dilations: [2, 2]),
    Case(
      description: "stride and dilation", data: [2, 3, 17, 23], weight: [4, 3, 3, 2],
      strides: [2, 2], pads: [3, 1, 0, 4], dilations: [3, 2]),
    Case(description: "tiny images", data: [3, 4, 4, 4], weight: [6, 4, 3, 3]),
    Case(
      description: "one position", data: [2, 9, 3, 3], weight: [4, 9, 3, 3], pads: [0, 0, 0, 0]),
    Case(
      description: "wider than the input", data: [1, 3, 6, 5], weight: [4, 3, 2, 2],
      pads: [3, 4, 2, 3]),
    Case(
      description: "every second pixel", data: [2, 8, 14, 14], weight: [6, 8, 1, 1],
      strides: [2, 2], pads: [0, 0, 0, 0]),
    Case(
      description: "rows only", data: [1, 4, 18, 17], weight: [5, 4, 3, 3], strides: [2, 1]),
    Case(
      description: "one axis", data: [2, 5, 37], weight: [6, 5, 4], strides: [2], pads: [1, 2],
      dilations: [1]),
  ]

  @Test(arguments: cases) mutating func convolutions(_ example: Case) throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, example.data))
    let w = graph.addWeight("w", values(example.weight, density: 0.2))
    let b = graph.addWeight("b", values([example.weight[0]]))
    let conv = Conv(strides: example.strides, pads: example.pads, dilations: example.dilations)
    let sum = try graph.add(conv, x, w, b)
    graph.addOutput(try graph.add(Relu(), sum))
    try compare(graph, [values(example.data)], kernels: 1)
  }

  /// A residual sum is added in the kernel, also where its layer is the dense one's neighbour.
  @Test mutating func residualSums() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [2, 16, 9, 16]))
    let dense = graph.addWeight("dense", values([16, 16, 3, 3]))
    let sparse = graph.addWeight("sparse", values([16, 16, 3, 3], density: 0.1))
    let conv = Conv(pads: [1, 1, 1, 1])
    let first = try graph.add(conv, x, dense)
    let second = try graph.add(conv, first, sparse)
    let sum = try graph.add(Add(), second, first)
    graph.addOutput(try graph.add(Clip(), sum))
    try compare(graph, [values([2, 16, 9, 16])], kernels: 1)
  }

  /// Layers of unlike margins one after the other, with functions between them that keep
  /// zeros or do not.
  @Test(arguments: [1, 5]) mutating func chains(images: Int) throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [.fixed(images), 4, 12, 15]))
    let kernels = [(5, 2), (3, 1), (3, 0), (1, 0)]
    var value = x
    for (index, (kernel, pad)) in kernels.enumerated() {
      let shape: Shape = [8, index == 0 ? 4 : 8, kernel, kernel]
      let weight = graph.addWeight("w\(index)", values(shape, density: 0.2))
      value = try graph.add(Conv(pads: [pad, pad, pad, pad]), value, weight)
      let between: [any Operator] = [Relu(), Erf(), Cos(), Relu()]
      value = try graph.add(between[index], [value])[0]
    }
    graph.addOutput(try graph.add(GlobalAveragePool(), value))
    try compare(graph, [values([images, 4, 12, 15])], kernels: kernels.count)
  }

  /// A residual sum whose other operand comes from a branch that is written later.
  @Test mutating func shortcuts() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [2, 6, 10, 10]))
    let first = graph.addWeight("first", values([6, 6, 3, 3], density: 0.2))
    let second = graph.addWeight("second", values([6, 6, 3, 3], density: 0.2))
    let inner = try graph.add(Conv(pads: [1, 1, 1, 1]), x, first)
    let outer = try graph.add(Conv(pads: [1, 1, 1, 1]), inner, second)
    let shortcut = try graph.add(HardSwish(), x)
    let sum = try graph.add(Add(), outer, shortcut)
    graph.addOutput(try graph.add(Relu(), sum))
    try compare(graph, [values([2, 6, 10, 10])], kernels: 2)
    let steps = try Executable(graph, sparse: .sparse).steps
    #expect(!steps.contains { $0.operatorName == "Add" })
  }

  @Test(arguments: [1, 7, 8, 64, 100]) mutating func products(rows: Int) throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [.fixed(rows), .fixed(50)]))
    let first = graph.addWeight("first", values([30, 50], density: 0.1))
    let bias = graph.addWeight("bias", values([30]))
    let second = graph.addWeight("second", values([30, 20], density: 0.3))
    let hidden = try graph.add(Gemm(transB: true, alpha: 0.5), x, first, bias)
    let active = try graph.add(Relu(), hidden)
    graph.addOutput(try graph.add(MatMul(), active, second))
    try compare(graph, [values([rows, 50])], kernels: 2)
  }

  @Test mutating func whatIsNotSparseStaysDense() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [1, 4, 8, 8]))
    let full = graph.addWeight("full", values([4, 4, 3, 3]))
    let grouped = graph.addWeight("grouped", values([4, 1, 3, 3], density: 0.1))
    let first = try graph.add(Conv(pads: [1, 1, 1, 1]), x, full)
    graph.addOutput(try graph.add(Conv(pads: [1, 1, 1, 1], group: 4), first, grouped))
    try compare(graph, [values([1, 4, 8, 8])], kernels: 0)
  }

  /// The faster of two is chosen once and then stays.
  @Test mutating func choicesAreKept() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [1, 32, 16, 16]))
    let w = graph.addWeight("w", values([32, 32, 3, 3], density: 0.05))
    graph.addOutput(try graph.add(Conv(pads: [1, 1, 1, 1]), x, w))
    let plans = try (0..<5).map { _ in
      try Executable(graph, sparse: .auto).steps.map(\.implementation)
    }
    #expect(plans.allSatisfy { $0 == plans[0] })
  }

  private func compare(_ graph: Graph, _ inputs: [Tensor], kernels: Int) throws {
    let dense = try Executable(graph, sparse: .dense)
    let sparse = try Executable(graph, sparse: .sparse)
    #expect(dense.steps.count { $0.implementation == "c:sparse" } == 0)
    #expect(sparse.steps.count { $0.implementation == "c:sparse" } == kernels)
    let expected = try dense.run(inputs)[0]
    for _ in 0..<2 {
      expectClose(
        try sparse.run(inputs)[0].floats, expected.floats, relative: 1e-5, absolute: 1e-5)
    }
  }
}
