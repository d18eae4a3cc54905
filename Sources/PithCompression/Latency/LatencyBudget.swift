import PithGraph

/// A share of a network's time to keep: chosen by a table, measured on the network that comes out,
/// and chosen again where the table was wrong.
struct LatencyBudget {
  /// Something chosen, and how long it takes.
  struct Attempt<Choice> {
    let choice: Choice
    /// The share that was asked of the table.
    let target: Double
    /// The share that the table says of the choice.
    let predicted: Double
    /// The share that was measured; nil for what cannot be run.
    let measured: Double?
  }

  let table: LatencyTable
  /// What the table says, by the number of channels of each group.
  let model: BudgetModel
  let batch: Int
  let timer: any LatencyTimer

  /// How far from what is asked a result may be, as a share of it.
  static let tolerance = 0.02
  /// How often a choice is made again.
  private static let corrections = 4

  /// - Parameters:
  ///   - groups: of the network.
  ///   - bound: the network with the known shapes that the groups were found in.
  ///   - batch: samples of a run.
  init(
    of graph: Graph, _ groups: [PruningGroup], bound: Graph, batch: Int, _ timer: any LatencyTimer
  ) throws {
    let table = try LatencyTable(of: graph, groups, bound: bound, batch: batch, timer)
    self.table = table
    self.batch = batch
    self.timer = timer
    model = BudgetModel(groups, bound: bound, latency: table)
  }

  /// Chooses until what is measured is near what is asked, a few times at most, and gives what came
  /// nearest and the number of choices.
  ///
  /// - Parameters:
  ///   - kept: the share of the whole's time that is asked for.
  ///   - whole: the network that nothing was removed from.
  ///   - choose: makes a choice for a share that the table is to say, with its network and what the
  ///     table says of it.
  func meet<Choice>(
    _ kept: Double, of whole: Graph,
    choosing choose: (Double) throws -> (choice: Choice, network: Graph, predicted: Double)
  ) throws -> (nearest: Attempt<Choice>, count: Int) {
    func attempt(_ target: Double) throws -> Attempt<Choice> {
      let (choice, network, predicted) = try choose(target)
      let comparison = LatencyComparison([whole, network], batch: batch, timer)
      return Attempt(
        choice: choice, target: target, predicted: predicted, measured: comparison.share(of: 1))
    }
    var attempts = [try attempt(kept)]
    while attempts.count <= Self.corrections,
      let target = Self.target(after: attempts, kept: kept)
    {
      attempts.append(try attempt(target))
    }
    func distance(_ attempt: Attempt<Choice>) -> Double {
      attempt.measured.map { abs($0 - kept) } ?? .infinity
    }
    let nearest = attempts.indices.min { distance(attempts[$0]) < distance(attempts[$1]) } ?? 0
    return (attempts[nearest], attempts.count)
  }

  /// What to ask of the table next; nil where the budget is met or nothing else would come out.
  ///
  /// Between attempts that were too slow and too fast it lies where a line through the nearest two
  /// meets the budget; before there are both, measured is taken to be in proportion to the target.
  private static func target<Choice>(after attempts: [Attempt<Choice>], kept: Double) -> Double? {
    let known = attempts.compactMap { attempt in
      attempt.measured.map { (target: attempt.target, measured: $0) }
    }
    guard let last = known.last, known.count == attempts.count, last.measured > 0,
      known.allSatisfy({ abs($0.measured - kept) > tolerance * kept })
    else { return nil }
    let slow = known.filter { $0.measured > kept }.min { $0.measured < $1.measured }
    let fast = known.filter { $0.measured < kept }.max { $0.measured < $1.measured }
    var target = last.target * kept / last.measured
    if let slow, let fast {
      let place = (kept - fast.measured) / (slow.measured - fast.measured)
      target = fast.target + place * (slow.target - fast.target)
    }
    target = min(max(target, 0.0001), 1)
    return known.contains { abs($0.target - target) < 1e-4 * target } ? nil : target
  }

  /// What a user should know of a budget that was met, or was not.
  func remarks<Choice>(_ kept: Double, _ result: (nearest: Attempt<Choice>, count: Int)) -> Remarks
  {
    let (attempt, count) = result
    let measured = attempt.measured.map { "measured \(percent($0))" } ?? "not measured"
    var remarks = Remarks(notes: [
      "latency at batch \(batch): asked \(percent(kept)), predicted \(percent(attempt.predicted)), "
        + measured
        + (count > 1 ? "; the nearest of \(count) choices" : "")
    ])
    if table.largestError > 0.1 {
      remarks.notes.append(
        "what a layer takes is not linear in its channels here: the table of latency is off by up "
          + "to \(percent(table.largestError)) of the time of networks narrowed alike")
    }
    if let share = attempt.measured, abs(share - kept) > Self.tolerance * kept {
      remarks.warnings.append(
        share > kept
          ? "the latency asked for was not reached: kernels take their time in steps of several "
            + "channels, and what cannot be cut stays"
          : "the result is faster than was asked for: kernels take their time in steps of several "
            + "channels")
    }
    return remarks
  }
}
