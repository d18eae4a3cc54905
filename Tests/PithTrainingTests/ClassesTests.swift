import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining
import Testing

@Suite("Another number of classes")
struct ClassesTests {
  @Test("keeps all but the last layer, which a seed decides", arguments: [2, 3, 7])
  func classifier(_ classes: Int) throws {
    let problem = try SmallProblem()
    let network = try problem.network.withClasses(classes, seed: 1)
    #expect(network.type(of: network.outputs[0])?.dimensions == [.named("N"), .fixed(classes)])
    let (before, after) = (problem.network.bits, network.bits)
    #expect(
      Set(before.keys.filter { before[$0] != after[$0] }).isSubset(of: ["fc.weight", "fc.bias"]))
    #expect(before["fc.weight"] != after["fc.weight"])
    #expect(try problem.network.withClasses(classes, seed: 1).bits == after)
    #expect(try problem.network.withClasses(classes, seed: 2).bits != after)
    let backbone = try network.backbone()
    let own = Set(["fc.weight", "fc.bias"].map(problem.weight))
    #expect(backbone == Set(network.weights.keys).subtracting(own))
  }

  /// The ends that occur in practice behind a value of (N, 16, 3, 3).
  enum Ending: CaseIterable { case convolution, matrixProduct, reshaped, biasedConvolution }

  private func network(_ ending: Ending) throws -> Graph {
    var source = GoldenNumbers(seed: 2)
    var graph = Graph()
    var x = graph.addInput("input", TensorType(.float32, [.named("N"), 16, 3, 3]))
    switch ending {
    case .convolution, .biasedConvolution:
      let weight = graph.addWeight("weight", source.tensor([5, 16, 1, 1]))
      let bias = ending == .convolution ? nil : graph.addWeight("bias", source.tensor([5]))
      x = try graph.add(Conv(), [x, weight, bias])[0]
      x = try graph.add(Relu(), x)
      x = try graph.add(GlobalAveragePool(), x)
      x = try graph.add(Flatten(), x)
    case .matrixProduct:
      x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
      let product = try graph.add(
        MatMul(), x, graph.addWeight("weight", source.tensor([16, 5])))
      x = try graph.add(Add(), product, graph.addWeight("bias", source.tensor([1, 5])))
    case .reshaped:
      x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
      let weight = graph.addWeight("weight", source.tensor([5, 16]))
      x = try graph.add(Gemm(transB: true), x, weight)
      x = try graph.add(Reshape(), x, graph.addWeight("shape", Tensor([-1, 5] as [Int64])))
    }
    graph.addOutput(try graph.add(Softmax(axis: 1), x))
    return graph
  }

  @Test("works for every form of last layer", arguments: Ending.allCases)
  func endings(_ ending: Ending) throws {
    let network = try network(ending).withClasses(4, seed: 3)
    #expect(network.type(of: network.outputs[0])?.dimensions == [.named("N"), 4])
    var source = GoldenNumbers(seed: 4)
    let split = try PithData.Split(
      source.tensor([12, 16, 3, 3]), labels: (0..<12).map { Int32($0 % 4) })
    let data = TrainingData(train: split, validation: split, preprocessing: .raw)
    let trainer = try Trainer(
      network, data, TrainingSettings(epochs: 2, batch: 4), frozen: network.backbone())
    #expect(trainer.trainedWeights.count == network.weights.count - (ending == .reshaped ? 1 : 0))
    _ = try trainer.run()
  }

  @Test("is refused where there is no last layer to replace")
  func refused() throws {
    var graph = Graph()
    let input = graph.addInput("input", TensorType(.float32, [.named("N"), 4]))
    graph.addOutput(try graph.add(Relu(), input))
    #expect(throws: TrainingError.self) { try graph.withClasses(3, seed: 1) }
    let problem = try SmallProblem()
    for count in [0, -1, 1 << 40] {
      #expect(throws: TrainingError.self) { try problem.network.withClasses(count, seed: 1) }
    }
  }
}
