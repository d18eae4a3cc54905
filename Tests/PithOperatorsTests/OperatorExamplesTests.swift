import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

/// One example of one operator, as an argument of the tests below.
struct OperatorExample: Sendable, CustomTestStringConvertible {
  let kind: any Operator.Type
  let index: Int
  let example: Example

  var testDescription: String { "\(kind.name) example \(index)" }

  static let all = operatorCatalogue.flatMap { kind in
    kind.examples.enumerated().map {
      OperatorExample(kind: kind, index: $0.offset, example: $0.element)
    }
  }

  static let differentiable = all.filter { example in
    example.example.differentiable
      && example.example.inputs.contains { if case .random = $0 { true } else { false } }
  }
}

@Suite("Every example of every operator")
struct OperatorExamplesTests {
  @Test("has the shape that was inferred", arguments: OperatorExample.all)
  func shape(_ argument: OperatorExample) throws {
    let instance = try ExampleGraph(
      argument.kind.init(argument.example.attributes), argument.example)
    let results = try Evaluator().run(instance.graph, instance.tensors)
    for (value, result) in zip(instance.graph.outputs, results) {
      let type = try #require(instance.graph.type(of: value))
      #expect(type == TensorType(result.dtype, result.shape))
      let isWritten = result.doubles.allSatisfy { !$0.isNaN }
      #expect(isWritten, "an element was never written")
    }
  }

  @Test("has the gradient of finite differences", arguments: OperatorExample.differentiable)
  func gradient(_ argument: OperatorExample) throws {
    try checkGradient(
      argument.kind.init(argument.example.attributes), argument.example, argument.testDescription)
  }

  @Test("keeps its attributes when written and read", arguments: OperatorExample.all)
  func attributes(_ argument: OperatorExample) throws {
    func roundTrip<Kind: Operator>(_ kind: Kind.Type) throws {
      let original = try Kind(argument.example.attributes)
      #expect(try Kind(original.attributes) == original)
    }
    try roundTrip(argument.kind)
  }
}

@Test("The catalogue is alphabetical and names no operator twice")
func catalogueOrder() {
  let names = operatorCatalogue.map { String(describing: $0) }
  #expect(names == names.sorted())
  #expect(Set(names).count == names.count)
}
