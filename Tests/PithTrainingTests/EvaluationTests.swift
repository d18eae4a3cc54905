import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Accuracy and loss against NumPy's.
@Suite("Evaluation")
struct EvaluationTests {
  struct Expected: Decodable {
    let top1: Double
    let top5: Double
    let loss: Double
    let confusion: [[Int]]
  }

  enum Ending: CaseIterable { case logits, softmax, logSoftmax, pixel }

  private struct Problem {
    var graph = Graph()
    let split: PithData.Split

    init(_ ending: Ending) throws {
      var source = GoldenNumbers(seed: 21)
      let input = graph.addInput("input", TensorType(.float32, [.named("N"), 12]))
      let weight = graph.addWeight("weight", source.tensor([8, 12]))
      let bias = graph.addWeight("bias", source.tensor([8]))
      var output = try graph.add(Gemm(transB: true), input, weight, bias)
      switch ending {
      case .logits: break
      case .softmax: output = try graph.add(Softmax(axis: -1), output)
      case .logSoftmax: output = try graph.add(LogSoftmax(axis: -1), output)
      case .pixel:
        let axes = graph.addWeight("axes", Tensor([2, 3] as [Int64]))
        output = try graph.add(Unsqueeze(), output, axes)
        output = try graph.add(Softmax(axis: 1), output)
      }
      graph.addOutput(output)
      let images = source.tensor([50, 12])
      split = try PithData.Split(images, labels: (0..<50).map { _ in Int32(source.integer(8)) })
    }
  }

  @Test("agrees with NumPy, whatever the network ends in", arguments: Ending.allCases, [7, 128])
  func golden(_ ending: Ending, batch: Int) throws {
    let expected = try goldenFile("evaluation", as: Expected.self)
    let problem = try Problem(ending)
    let actual = try PithTraining.Evaluator(
      problem.graph, problem.split, preprocessing: .raw, batch: batch
    ).run()
    #expect(actual.samples == 50)
    #expect(actual.top1 == expected.top1)
    #expect(actual.top5 == expected.top5)
    #expect(actual.confusion == expected.confusion)
    #expect((actual.loss - expected.loss).magnitude < 1e-5)
    let first = Double(expected.confusion[0][0]) / Double(expected.confusion[0].reduce(0, +))
    #expect(actual.perClass[0] == first)
  }
}
