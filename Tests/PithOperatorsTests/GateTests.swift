import Foundation
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

@Suite("Gates")
struct GateTests {
  private let values: [Float] = [1, -2, 0, 0.25, -3, -1]

  private func outputAndGradient(
    _ gate: any Operator, _ a: [Float], step: Int32, _ upstream: [Float]
  )
    throws -> (z: [Float], gradient: [Float])
  {
    var graph = Graph()
    let input = graph.addInput("a", TensorType(.float32, [.fixed(a.count)]))
    let number = graph.addWeight("step", Tensor([step], []))
    let z = try graph.add(gate, gate is BinaryGate ? [input] : [input, number])[0]
    let seed = graph.addWeight("upstream", Tensor(upstream))
    let gradient = try #require(
      try graph.addGradients(from: [z: seed], for: [input], sum: Add())[0])
    graph.addOutput(z)
    graph.addOutput(gradient)
    let results = try Evaluator().run(graph, [Tensor(a)])
    return (results[0].floats, results[1].floats)
  }

  /// Of the second group nothing is above zero: its largest stays open.
  @Test("that are binary open above zero, and one of each group anyway")
  func binary() throws {
    let upstream: [Float] = [1, 1, 2, -1, 0.5, 3]
    let (z, gradient) = try outputAndGradient(
      BinaryGate(groups: [4, 2]), values, step: 1, upstream)
    #expect(z == [1, 0, 0, 1, 0, 1])
    let expected = zip(values, upstream).map { a, u in
      let share = 1 / (1 + exp(-Double(a)))
      return Float(Double(u) * share * (1 - share))
    }
    expectClose(gradient, expected, relative: 1e-6)
  }

  /// u of a place is word i % 4 of the Philox block i / 4, whose counter holds the step.
  private func uniform(_ place: Int, step: Int32, seed: UInt64) -> Double {
    let words = Philox.block(
      counter: (UInt64(place / 4), UInt64(UInt32(bitPattern: step)) | 0x6761_7465 << 32), key: seed)
    return (Double(words[place % 4]) + 0.5) / 4_294_967_296
  }

  @Test("that are hard concrete follow their formula", arguments: [1, 2, 77] as [Int32])
  func hardConcrete(_ step: Int32) throws {
    let a = (0..<41).map { Float($0) / 8 - 3 }
    let upstream = a.indices.map { Float($0 % 5) - 1.5 }
    let (z, gradient) = try outputAndGradient(
      HardConcreteGate(seed: 9), a, step: step, upstream)
    for place in a.indices {
      let u = uniform(place, step: step, seed: 9)
      let s = 1 / (1 + exp(-(log(u / (1 - u)) + Double(a[place])) * 1.5))
      let stretched = s * 1.2 - 0.1
      #expect(abs(Double(z[place]) - min(max(stretched, 0), 1)) < 1e-6)
      let slope = (0...1).contains(stretched) ? 1.2 * s * (1 - s) * 1.5 : 0
      #expect(abs(Double(gradient[place]) - Double(upstream[place]) * slope) < 1e-5)
    }
    #expect(z.contains(0) && z.contains(1) && z.contains { $0 > 0 && $0 < 1 })
  }

  /// P(z > 0) = sigmoid(a - b ln(-gamma / zeta)).
  @Test("that are hard concrete are open as often as their probability says")
  func frequency() throws {
    let a = [Float](repeating: -1, count: 4000)
    let (z, _) = try outputAndGradient(HardConcreteGate(seed: 4), a, step: 3, a)
    let probability = 1 / (1 + exp(1 + 2.0 / 3 * log(0.1 / 1.1)))
    let deviation = (probability * (1 - probability) * 4000).squareRoot()
    #expect(abs(Double(z.count { $0 > 0 }) - 4000 * probability) < 4.5 * deviation)
  }
}
