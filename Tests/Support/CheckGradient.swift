public import PithGraph
import PithTensors
public import Testing

/// Expects the gradient that an operator defines to agree with central differences, along random
/// directions of each differentiated input and for a random upstream gradient.
///
/// A step is small against the distance between the example's numbers (see `ExampleGraph`), so
/// that no difference crosses a kink. Outputs carry errors of about 6e-8 of their size, which a
/// difference over 2 * 1e-3 magnifies to 3e-5 per element and a sum over 100 elements to 3e-4:
/// the tolerance is 5e-3 of the gradient's length.
public func checkGradient(
  _ operator: any Operator, _ example: Example, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let instance = try ExampleGraph(`operator`, example)
  let evaluator = Evaluator()
  let outputs = try evaluator.run(instance.graph, instance.tensors)
  var random = Philox(seed: 2)
  let upstream = outputs.map { output in
    output.dtype == .float32
      ? Tensor((0..<output.count).map { _ in random.uniform() * 2 - 1 }, output.shape) : nil
  }
  let gradients = try analyticGradients(instance, upstream, evaluator)
  for (position, slot) in instance.slots.enumerated() {
    let tensor = instance.tensors[position]
    for direction in 0..<3 {
      let signs = (0..<tensor.count).map { _ in Float(random.next() & 1) * 2 - 1 }
      let step = stepLength(example.inputs[slot], tensor.count)
      let numbers = try [step, -step].map { step in
        var moved = instance.tensors
        moved[position] = Tensor(zip(tensor.floats, signs).map { $0 + step * $1 }, tensor.shape)
        return inner(try evaluator.run(instance.graph, moved), upstream)
      }
      let expected = (numbers[0] - numbers[1]) / Double(2 * step)
      let gradient = gradients[position]?.doubles ?? [Double](repeating: 0, count: tensor.count)
      let actual = zip(gradient, signs).reduce(0) { $0 + $1.0 * Double($1.1) }
      let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let scale = outputs.reduce(0) { $0 + $1.doubles.reduce(0) { $0 + $1.magnitude } }
      let tolerance = 5e-3 * max(length, expected.magnitude) + 1e-7 * scale / Double(step) + 1e-4
      #expect(
        (actual - expected).magnitude <= tolerance,
        """
        \(what), input \(slot), direction \(direction): the gradient gives \(actual), finite \
        differences \(expected), tolerance \(tolerance)
        """, sourceLocation: sourceLocation)
    }
  }
}

/// The gradients the operator defines, one per graph input, nil where it gives none.
private func analyticGradients(
  _ instance: ExampleGraph, _ upstream: [Tensor?], _ evaluator: Evaluator
) throws -> [Tensor?] {
  var graph = instance.graph
  let seeds = upstream.map { tensor in
    tensor.map { graph.addInput("upstream", TensorType($0.dtype, $0.shape)) }
  }
  let wanted = instance.node.inputs.indices.map { instance.slots.contains($0) }
  let results = try instance.node.operator.gradient(
    of: instance.node, upstream: seeds, wanted: wanted, in: &graph)
  let wantedResults = instance.slots.map { $0 < results.count ? results[$0] : nil }
  graph.setOutputs(wantedResults.compactMap(\.self))
  var values = try evaluator.run(graph, instance.tensors + upstream.compactMap(\.self))[...]
  return wantedResults.map { $0 == nil ? nil : values.popFirst() }
}

/// A two-hundredth of the input's range, or a tenth of the distance between its numbers.
private func stepLength(_ input: Example.Input, _ count: Int) -> Float {
  guard case .random(_, let low, let high) = input else { return 1e-2 }
  return min(0.005, 0.1 / Float(max(count, 1))) * (high - low)
}

private func inner(_ outputs: [Tensor], _ upstream: [Tensor?]) -> Double {
  zip(outputs, upstream).reduce(0) { total, pair in
    guard let weights = pair.1 else { return total }
    return total + zip(pair.0.doubles, weights.doubles).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
