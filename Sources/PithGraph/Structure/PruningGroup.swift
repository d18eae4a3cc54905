/// Channels that have the same form everywhere in a graph: removing one of them means removing some
/// places of each member, and leaves the others as they are.
///
/// The channels of a residual stream are a group, whose members are an axis of every weight that
/// writes to it or reads from it and of every value on the way; so are the heads of an attention,
/// and the hidden units of a recurrent layer.
public struct PruningGroup: Sendable {
  /// An axis of a value that the channels have places on.
  public struct Member: Sendable {
    public let axis: ValueAxis
    public let extent: Int
    /// For each channel its places on the axis, ascending.
    public let places: [[Int]]
    /// Whether the value is a weight or another constant.
    public let isConstant: Bool
    /// Whether the channels are read along this axis of a weight, not made.
    public let isReading: Bool
  }

  /// What one channel costs.
  public struct Cost: Sendable, Hashable {
    /// Elements of trained parameters that go with the channel.
    public var parameters: Int
    /// Multiply-accumulates that go with it, at batch 1.
    public var macs: Int

    package init(parameters: Int, macs: Int) {
      self.parameters = parameters
      self.macs = macs
    }
  }

  /// The first node that makes the channels.
  public let name: String
  public let members: [Member]
  /// The number of channels.
  public let count: Int
  /// What the first channel costs; all have the same form.
  public internal(set) var cost = Cost(parameters: 0, macs: 0)

  /// The members that are weights or other constants.
  public var constants: [Member] { members.filter(\.isConstant) }
}

/// Axes that keep all their places, and why.
public struct FrozenGroup: Sendable {
  /// The first node that makes them.
  public let name: String
  /// The axes, with the number of places that are frozen for this reason.
  public let members: [(axis: ValueAxis, places: Int)]
  public let reason: String

  /// The most places that are frozen on an axis of a weight.
  public let count: Int

  init(name: String, members: [(axis: ValueAxis, places: Int)], reason: String, count: Int) {
    self.name = name
    self.members = members
    self.reason = reason
    self.count = count
  }

  init(_ group: PruningGroup, because reason: String) {
    self.init(
      name: group.name,
      members: group.members.map { ($0.axis, $0.places.reduce(0) { $0 + $1.count }) },
      reason: reason, count: group.count)
  }
}

/// Everything that structured pruning can remove from a graph, and what it cannot.
public struct PruningGroups: Sendable {
  public package(set) var groups: [PruningGroup]
  public internal(set) var frozen: [FrozenGroup]
  /// The graph at batch 1 with all shapes known, on which the costs are counted.
  public let bound: Graph
}

/// Channels of some groups that are to be removed.
public struct ChannelRemoval: Sendable {
  /// The places that go, ascending, by axis.
  public private(set) var places: [ValueAxis: [Int]] = [:]
  private(set) var extents: [ValueAxis: Int] = [:]

  public init() {}

  /// Channels of one group.
  public init(_ channels: some Sequence<Int>, of group: PruningGroup) {
    remove(channels, of: group)
  }

  /// Adds channels of a group; numbers that are not those of a channel are left out.
  public mutating func remove(_ channels: some Sequence<Int>, of group: PruningGroup) {
    let channels = Set(channels).filter { (0..<group.count).contains($0) }
    guard !channels.isEmpty else { return }
    for member in group.members {
      let more = channels.flatMap { member.places[$0] }
      places[member.axis] = Set(places[member.axis] ?? []).union(more).sorted()
      extents[member.axis] = member.extent
    }
  }

  public var isEmpty: Bool { places.isEmpty }

  /// The places of an axis that stay; nil where all do.
  package func kept(_ axis: ValueAxis) -> [Int]? {
    guard let gone = places[axis], let extent = extents[axis] else { return nil }
    let set = Set(gone)
    return (0..<extent).filter { !set.contains($0) }
  }
}
