import PithGraph
public import PithReports

extension Inspection {
  /// The inspection with the groups of channels that structured pruning can remove.
  ///
  /// - Parameter measures: whether the time that a channel takes is measured, by running the model
  ///   without half of each group in turns with the whole.
  public static func withGroups(_ model: Model, measures: Bool = true) throws(PithError)
    -> InspectReport
  {
    do throws(GraphError) {
      var report = Inspection(model).report
      try report.addGroups(of: model.graph, measures: measures)
      return report
    } catch {
      throw PithError(error, file: model.url)
    }
  }
}

extension InspectReport {
  mutating func addGroups(of graph: Graph, measures: Bool) throws(GraphError) {
    let found = try graph.pruningGroups()
    groups = try found.groups.map { group throws(GraphError) in
      Group(
        name: group.name, channels: group.count,
        members: group.members.map { member in
          Member(
            name: graph.name(of: member.axis.value), axis: member.axis.axis,
            extent: member.extent, places: member.places.first?.count ?? 0,
            isWeight: member.isConstant)
        },
        parametersPerChannel: group.cost.parameters, macsPerChannel: group.cost.macs,
        millisecondsPerChannel: measures ? try milliseconds(of: group, in: graph) : nil)
    }
    frozenGroups = found.frozen.map {
      FrozenGroup(name: $0.name, channels: $0.count, reason: $0.reason)
    }
  }

  /// What a channel takes: measured as the difference that half of the group makes.
  private func milliseconds(of group: PruningGroup, in graph: Graph) throws(GraphError)
    -> Double?
  {
    let count = group.count / 2
    guard count > 0 else { return nil }
    let half = try graph.removing(channels: 0..<count, from: group)
    let times = Profiling.inTurns([graph, half], rounds: 4, runs: 5)
    guard let whole = times[0]?.min, let less = times[1]?.min else { return nil }
    return (whole - less) / Double(count)
  }
}
