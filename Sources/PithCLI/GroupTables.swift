import PithReports

/// The groups of channels of a model, and what stays whole, as text.
struct GroupTables {
  let groups: [InspectReport.Group]
  let frozen: [InspectReport.FrozenGroup]

  func text(isColored: Bool) -> String {
    var table = TextTable(columns: [
      .init("group"), .init("channels", alignment: .trailing),
      .init("weights", alignment: .trailing), .init("values", alignment: .trailing),
      .init("parameters each", alignment: .trailing), .init("MACs each", alignment: .trailing),
      .init("time each", alignment: .trailing),
    ])
    for group in groups {
      let weights = Set(group.members.filter(\.isWeight).map(\.name)).count
      let values = Set(group.members.filter { !$0.isWeight }.map(\.name)).count
      table.add([
        .init(group.name), .init(Format.exact(group.channels)), .init(Format.exact(weights)),
        .init(Format.exact(values)), .init(Format.exact(group.parametersPerChannel)),
        .init(Format.count(group.macsPerChannel)), .init(time(group.millisecondsPerChannel)),
      ])
    }
    guard !frozen.isEmpty else { return table.text(color: isColored) }
    var whole = TextTable(columns: [
      .init("stays whole"), .init("channels", alignment: .trailing), .init("because", limit: 120),
    ])
    for group in frozen {
      whole.add([.init(group.name), .init(Format.exact(group.channels)), .init(group.reason)])
    }
    return table.text(color: isColored) + "\n" + whole.text(color: isColored)
  }

  private func time(_ milliseconds: Double?) -> String {
    milliseconds.map { "\(Format.fixed($0 * 1000, decimals: 1)) µs" } ?? Format.missing
  }
}
