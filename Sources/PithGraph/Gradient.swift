/// Reverse-mode differentiation as a graph transformation: each operator adds the nodes of its own
/// rule; where several gradients reach a value they are summed by `sum`.
extension Graph {
  /// Adds the nodes that compute d`loss`/d`parameter` for each parameter.
  ///
  /// - Parameters:
  ///   - seed: the gradient of the loss with respect to itself (a scalar one).
  ///   - sum: the operator that adds two gradients.
  /// - Returns: the gradients, nil for a parameter the loss does not depend on.
  public mutating func addGradients(
    of loss: Value, seed: Value, for parameters: [Value], sum: any Operator
  ) throws(GraphError) -> [Value?] {
    try addGradients(from: [loss: seed], for: parameters, sum: sum)
  }

  /// Adds the nodes that compute the gradient for each parameter of a loss of which the gradients
  /// with respect to some values are known: `seeds`.
  public mutating func addGradients(
    from seeds: [Value: Value], for parameters: [Value], sum: any Operator
  ) throws(GraphError) -> [Value?] {
    var needed = Set(parameters)
    for node in nodes
    where node.inputs.contains(where: { $0.map(needed.contains) ?? false }) {
      needed.formUnion(node.outputs.compactMap(\.self))
    }
    var gradients = seeds
    for node in nodes.reversed() {
      let upstream = node.outputs.map { $0.flatMap { gradients[$0] } }
      guard upstream.contains(where: { $0 != nil }) else { continue }
      let wanted = node.inputs.map { $0.map(needed.contains) ?? false }
      guard wanted.contains(true) else { continue }
      let results = try node.operator.gradient(
        of: node, upstream: upstream, wanted: wanted, in: &self)
      for (input, gradient) in zip(node.inputs, results) {
        guard let input, let gradient, needed.contains(input) else { continue }
        if let earlier = gradients[input] {
          gradients[input] = try add(sum, [earlier, gradient])[0]
        } else {
          gradients[input] = gradient
        }
      }
    }
    return parameters.map { gradients[$0] }
  }
}
