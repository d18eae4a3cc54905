package import PithGraph
import PithKernels
import PithOperators
import PithTensors
package import PithTraining

/// Gates that are trained beside the weights, and the budget that closes them: to the loss
/// lambda max(0, R / R* - 1) is added, R being the share of the budget that is left and R* the
/// target. lambda rises while R is above the target and falls while it is below (dual ascent).
package struct GateTraining: TrainingAddition {
  package let kind: GateKind
  /// The number of gates of each group.
  package let groups: [Int]
  package let sites: GateSites
  package let budget: BudgetModel
  /// What each gate's a starts with.
  let start: [Float]
  /// How far a gate moves in a step, in learning rates.
  let rate: Float
  package let seed: UInt64

  /// - Parameters:
  ///   - scores: of the channels of each group; gates start in their order, close to each other.
  ///   - rate: how far a gate moves in a step, in learning rates.
  package init(
    kind: GateKind, scores: [[Double]], sites: GateSites, budget: BudgetModel, rate: Double,
    seed: UInt64
  ) {
    self.kind = kind
    groups = scores.map(\.count)
    start = scores.flatMap { Self.start($0, around: kind.start) }
    self.sites = sites
    self.budget = budget
    self.rate = Float(rate)
    self.seed = seed
  }

  /// A gate that is always pushed the same way moves by one in a tenth of the steps in which the
  /// target falls, whatever its channel costs: all that differs is which way it is pushed.
  private static let rule = UpdateRule.adam(
    beta1: 0, beta2: 0.99, epsilon: 1e-12, decoupled: false)
  /// The distance of the first and the last a of a group at the start.
  private static let spread: Float = 1

  /// Gates that started alike would cross zero at the same step, a whole group at once, before it
  /// shows which of them are missed.
  private static func start(_ scores: [Double], around middle: Float) -> [Float] {
    var result = scores.map { _ in middle }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    for (rank, channel) in order.enumerated() {
      let place = (Float(rank) + 0.5) / Float(scores.count) - 0.5
      result[channel] += spread * place
    }
    return result
  }

  package var description: String {
    "\(groups.count) groups of \(kind.rawValue) gates \(groups) at \(rate)"
  }

  /// What lambda gains at each step for R twice the target. A gate's share of R is about 1 / T, so
  /// that lambda has to grow to the order of their number, T, before it moves them.
  private var ascent: Float { 0.05 * Float(sites.count) }

  /// In order: one over the target, lambda. The gates are the only parameter.
  package func add(to graph: inout Graph, step: Value) throws -> AddedTerms {
    guard let first = graph.nodes.first?.id else { return AddedTerms() }
    let one = graph.addScalar(1)
    let a = graph.addWeight(
      "gates", Tensor(start))
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
      parameters: [(a, rate)], rule: Self.rule, states: [inverse, lambda],
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
