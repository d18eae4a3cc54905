package import PithGraph
import PithOperators
import PithTensors
package import PithTraining

/// Gates that are trained beside the weights, and the budget that closes them: to the loss
/// lambda max(0, R / R* - 1) is added, R being the share of the budget that is left and R* the target. lambda
/// rises while R is above the target and falls while it is below (dual ascent).
package struct GateTraining: TrainingAddition {
  package let kind: GateKind
  /// The number of gates of each group.
  package let groups: [Int]
  package let sites: GateSites
  package let budget: BudgetModel
  package let seed: UInt64

  package init(
    kind: GateKind, groups: [Int], sites: GateSites, budget: BudgetModel, seed: UInt64
  ) {
    self.kind = kind
    self.groups = groups
    self.sites = sites
    self.budget = budget
    self.seed = seed
  }

  /// Gates learn so many times faster than weights.
  static let rate: Float = 10

  package var description: String { "\(groups.count) groups of \(kind.rawValue) gates \(groups)" }

  /// What lambda gains at each step for R twice the target. A gate's share of R is about 1 / T, so that lambda
  /// has to grow to the order of their number, T, before it moves them.
  private var ascent: Float { 0.05 * Float(sites.count) }

  /// In order: one over the target, lambda. The gates are the only parameter.
  package func add(to graph: inout Graph, step: Value) throws -> AddedTerms {
    guard let first = graph.nodes.first?.id else { return AddedTerms() }
    let one = graph.addScalar(1)
    let a = graph.addWeight(
      "gates", Tensor([Float](repeating: kind.start, count: sites.count)))
    let (z, open): (Value, Value)
    switch kind {
    case .binary:
      z = try graph.put(BinaryGate(groups: groups), a, before: first)
      open = z
    case .hardConcrete:
      z = try graph.put(HardConcreteGate(seed: seed), a, step, before: first)
      open = try graph.put(
        Sigmoid(), graph.put(Add(), a, graph.addScalar(kind.shift), before: first), before: first)
    }
    let padded = try graph.put(
      Concat(axis: 0), z, graph.addWeight(nil, Tensor([Float(1)])), before: first)
    try sites.insert(padded, into: &graph)
    let inverse = graph.addWeight("1 / target", Tensor(scalar: Float(1)))
    let lambda = graph.addWeight("lambda", Tensor(scalar: Float(0)))
    let used = try share(open, in: &graph, before: first)
    let excess = try graph.put(
      Sub(), graph.put(Mul(), used, inverse, before: first), one, before: first)
    let gain = try graph.put(Mul(), excess, graph.addScalar(ascent), before: first)
    graph.addUpdate(
      lambda,
      to: try graph.put(Relu(), graph.put(Add(), lambda, gain, before: first), before: first))
    return AddedTerms(
      parameters: [(a, Self.rate)], states: [inverse, lambda],
      loss: try graph.put(Mul(), lambda, graph.put(Relu(), excess, before: first), before: first))
  }

  /// R, with the sum of each group's gates in the place of the number of its channels.
  private func share(
    _ open: Value, in graph: inout Graph, before first: Node.ID
  ) throws -> Value {
    var membership = [Float](repeating: 0, count: sites.count * groups.count)
    var gate = 0
    for (group, count) in groups.enumerated() {
      for _ in 0..<count {
        membership[gate * groups.count + group] = 1
        gate += 1
      }
    }
    let row = try graph.put(
      Reshape(), open, graph.addWeight(nil, Tensor([1, Int64(sites.count)])), before: first)
    let counts = try graph.put(
      MatMul(), row, graph.addWeight(nil, Tensor(membership, [sites.count, groups.count])),
      before: first)
    let products = budget.products.flatMap { $0.map { Float($0) } }
    let slopes = try graph.put(
      Add(),
      graph.put(
        MatMul(), counts,
        graph.addWeight(nil, Tensor(products, [groups.count, groups.count])), before: first),
      graph.addWeight(nil, Tensor(budget.linear.map { Float($0) }, [1, groups.count])),
      before: first)
    let sum = try graph.put(
      ReduceSum(keepsAxes: false), graph.put(Mul(), counts, slopes, before: first), before: first)
    return try graph.put(Add(), sum, graph.addScalar(Float(budget.constant)), before: first)
  }
}

extension Graph {
  /// Adds a node directly before another and gives its output.
  fileprivate mutating func put(
    _ operator: any Operator, _ inputs: Value..., before id: Node.ID
  ) throws(GraphError) -> Value {
    try insert(`operator`, inputs, before: id)[0]
  }
}
