public import PithGraph
import PithOperators
import PithTensors
public import PithTraining

/// The channels that l1 names, their weights first pulled to zero by a penalty that grows at each
/// step.
public enum ChannelGrowingPenalty: ChannelCriterion {
  public static let name = "greg"
  public static let summary =
    "what l1 would remove first shrinks under a penalty that grows, so that others can take over"
  public static let paper =
    "Wang, Qin, Zhang, Fu: Neural pruning via growing regularization, 2021"
  public static let isNorm = true

  public static let penaltyStrength: Double? = 1e-5

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    try ChannelL1.scores(of: groups, in: graph, context)
  }

  public static func penalty(
    _ strength: Double, on removed: ChannelRemoval, of groups: PruningGroups, in graph: Graph
  ) -> (any TrainingAddition)? {
    let weights = Set(
      graph.parameters().filter { $0.role == .weight && $0.form == .plain }.map(\.root))
    var members: [PruningGroup.Member] = []
    for group in groups.groups {
      members += group.constants.filter { !$0.isReading && weights.contains($0.axis.value) }
    }
    let axes = members.map(\.axis).filter { removed.places[$0] != nil }
    var seen: Set<ValueAxis> = []
    let places = axes.filter { seen.insert($0).inserted }
      .map { (axis: $0, places: removed.places[$0] ?? []) }
    return places.isEmpty ? nil : GrowingPenalty(places: places, growth: Float(strength))
  }
}

/// lambda / 2 times the sum of the squares of weights at some places; lambda grows by the same at
/// each step.
private struct GrowingPenalty: TrainingAddition {
  let places: [(axis: ValueAxis, places: [Int])]
  let growth: Float

  var description: String {
    "\(growth) more at each step on \(places.map { "\($0.axis.value)[\($0.axis.axis)]\($0.places)" })"
  }

  func add(to graph: inout Graph, step: Value) throws -> AddedTerms {
    var terms: [Value] = []
    for (axis, places) in places {
      guard let shape = graph.weights[axis.value]?.shape else { continue }
      var mask = [Float](repeating: 0, count: shape[axis.axis])
      for place in places { mask[place] = 0.5 }
      var extents = Shape([Int](repeating: 1, count: shape.rank))
      extents[axis.axis] = mask.count
      let chosen = try graph.add(Mul(), axis.value, graph.addWeight(nil, Tensor(mask, extents)))
      terms.append(
        try graph.add(ReduceSum(keepsAxes: false), graph.add(Mul(), chosen, axis.value)))
    }
    let lambda = graph.addWeight("lambda", Tensor(scalar: Float(0)))
    graph.addUpdate(lambda, to: try graph.add(Add(), lambda, graph.addScalar(growth)))
    let sum = try graph.add(Sum(), terms)[0]
    return AddedTerms(states: [lambda], loss: try graph.add(Mul(), sum, lambda))
  }
}
