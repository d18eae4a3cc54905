import PithGraph
import PithKernels
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Losses and their gradients against PyTorch's.
@Suite("Losses")
struct LossTests {
  struct Expected: Decodable, Sendable, CustomTestStringConvertible {
    let loss: String
    let smoothing: Float?
    let temperature: Float?
    let labels: Float?
    let rows: Int
    let classes: Int
    let value: Float
    let gradient: [Float]
    let right: Float

    var testDescription: String {
      "\(loss) \(smoothing ?? temperature ?? labels ?? 0) of \(rows)x\(classes)"
    }

    var instance: Loss {
      switch loss {
      case "mean-squared-error": .meanSquaredError
      case "distillation": .distillation(temperature: temperature!, labels: labels!)
      case "logits": .logits(labels: labels!)
      default: .crossEntropy(smoothing: smoothing!)
      }
    }
  }

  @Test("agree with PyTorch", arguments: try goldenFile("losses", as: [Expected].self).indices)
  func golden(_ index: Int) throws {
    let expected = try goldenFile("losses", as: [Expected].self)[index]
    var source = GoldenNumbers(seed: index + 1)
    let shape: Shape = [expected.rows, expected.classes]
    let logits = source.tensor(shape, scale: 3)
    let teacher = source.tensor(shape, scale: 3)
    let labels = Tensor(
      (0..<expected.rows).map { _ in Int32(source.integer(expected.classes)) })
    var graph = Graph()
    let inputs: [Value?] = [
      graph.addInput("logits", TensorType(.float32, shape)),
      graph.addInput("labels", TensorType(.int32, labels.shape)),
      graph.addInput("teacher", TensorType(.float32, shape)),
    ]
    let loss = expected.instance
    let outputs = try graph.add(
      ClassificationLoss(loss), Array(inputs.prefix(loss.needsTeacher ? 3 : 2)))
    graph.setOutputs(outputs)
    let results = try PithTestSupport.Evaluator().run(graph, [logits, labels, teacher])
    expectClose(results[0].floats, [expected.value], relative: 1e-5)
    expectClose(results[1].floats, expected.gradient, relative: 1e-4, absolute: 1e-7)
    #expect(results[2].floats == [expected.right])
  }
}
