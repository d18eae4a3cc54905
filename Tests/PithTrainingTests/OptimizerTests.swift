import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Optimizers against PyTorch's, step by step.
@Suite("Optimizers")
struct OptimizerTests {
  struct Expected: Decodable {
    let optimizer: String
    let decay: Float
    let rates: [Float]
    let initial: [Float]
    let gradients: [[Float]]
    let weights: [[Float]]
  }

  @Test("agree with PyTorch", arguments: Optimizer.allCases)
  func golden(_ optimizer: Optimizer) throws {
    let cases = try goldenFile("optimizers", as: [Expected].self)
      .filter { $0.optimizer == optimizer.rawValue }
    #expect(cases.count == 2)
    for expected in cases {
      let step = try UpdateStep(optimizer, decay: expected.decay, Tensor(expected.initial, [4, 3]))
      for (index, gradient) in expected.gradients.enumerated() {
        let weight = try step.run(Tensor(gradient, [4, 3]), rate: expected.rates[index])
        expectClose(
          weight.floats, expected.weights[index], relative: 1e-5,
          "\(optimizer) decay \(expected.decay) step \(index + 1)")
      }
    }
  }

  @Test("leave what a mask hides at zero", arguments: Optimizer.allCases)
  func masks(_ optimizer: Optimizer) throws {
    let mask = Tensor([1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1] as [Float], [4, 3])
    var source = GoldenNumbers(seed: 5)
    let initial = source.tensor([4, 3])
    let masked = try UpdateStep(optimizer, decay: 0.1, initial, mask: mask)
    let free = try UpdateStep(optimizer, decay: 0.1, initial)
    for _ in 0..<3 {
      let gradient = source.tensor([4, 3])
      let expected = try free.run(gradient, rate: 0.1).floats
      let actual = try masked.run(gradient, rate: 0.1).floats
      #expect(actual == zip(expected, mask.floats).map { $1 == 0 ? 0 : $0 })
    }
    for slot in masked.slots {
      let values = try masked.executable.state(of: slot).floats
      #expect(zip(values, mask.floats).allSatisfy { $1 == 1 || $0 == 0 })
    }
  }
}

/// One weight and its update, compiled.
private struct UpdateStep {
  let executable: Executable
  let weight: Value
  let slots: [Value]
  private var count = Counter()

  private final class Counter { var value: Int32 = 0 }

  init(_ optimizer: Optimizer, decay: Float, _ initial: Tensor, mask: Tensor? = nil) throws {
    var graph = Graph()
    let gradient = graph.addInput("gradient", TensorType(.float32, initial.shape))
    let rate = graph.addInput("rate", TensorType(.float32, [Dimension]()))
    let step = graph.addInput("step", TensorType(.int32, [Dimension]()))
    weight = graph.addWeight("weight", initial)
    let mask = mask.map { graph.addWeight("mask", $0) }
    slots = (0..<optimizer.rule.slotCount).map {
      graph.addWeight("slot\($0)", Tensor(.float32, initial.shape))
    }
    let next = try graph.add(
      OptimizerUpdate(optimizer.rule, decay: decay), [weight, gradient, rate, step, mask] + slots)
    for (state, value) in zip([weight] + slots, next) {
      graph.setFact(Fact(TensorType(.float32, initial.shape)), of: state)
      graph.addUpdate(state, to: value)
    }
    executable = try Executable(graph)
  }

  func run(_ gradient: Tensor, rate: Float) throws -> Tensor {
    count.value += 1
    _ = try executable.run([gradient, Tensor(scalar: rate), Tensor([count.value], [])])
    return try executable.state(of: weight)
  }
}
