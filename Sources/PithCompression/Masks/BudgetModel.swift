package import PithGraph

/// What a network costs by the number of channels that each of its groups keeps, as a share of the
/// whole: c + sum_g b_g n_g + sum_gh q_gh n_g n_h. Every layer's cost is bilinear in the channels
/// it reads and the channels it makes.
///
/// The coefficients are found by asking for the cost of the network with one or two channels less.
package struct BudgetModel: Sendable {
  /// c
  let constant: Double
  /// b (G)
  let linear: [Double]
  /// q (G, G), symmetric
  let products: [[Double]]

  /// - Parameters:
  ///   - groups: of the network, each of two channels or more.
  ///   - bound: the network with the known shapes that the groups were found in.
  package init(_ groups: [PruningGroup], bound: Graph, counting count: (PruningGroup.Cost) -> Int) {
    let cost = StructureCost(bound)
    let total = Double(max(count(cost.total), 1))
    self.init(groups, bound: bound) { Double(count(cost.cost(of: $0))) / total }
  }

  /// The time, as a table of latency tells it.
  package init(_ groups: [PruningGroup], bound: Graph, latency table: LatencyTable) {
    self.init(groups, bound: bound) { table.saved(by: $0) }
  }

  /// - Parameter share: of the whole, that goes with a removal; bilinear in the channels that the
  ///   groups keep.
  init(
    _ groups: [PruningGroup], bound: Graph, saving share: (ChannelRemoval) -> Double
  ) {
    func saved(_ removed: [(group: Int, channels: Int)]) -> Double {
      var removal = ChannelRemoval()
      for (group, channels) in removed { removal.remove(0..<channels, of: groups[group]) }
      return share(removal)
    }
    // In removed channels r the share is 1 - l r - r p r.
    var l = [Double](repeating: 0, count: groups.count)
    var p = l.map { _ in l }
    let single = groups.indices.map { saved([($0, 1)]) }
    for group in groups.indices {
      p[group][group] = (saved([(group, 2)]) - 2 * single[group]) / 2
      l[group] = single[group] - p[group][group]
    }
    for (first, second) in Self.neighbours(groups, bound) {
      let product = (saved([(first, 1), (second, 1)]) - single[first] - single[second]) / 2
      p[first][second] = product
      p[second][first] = product
    }
    let whole = groups.map { Double($0.count) }
    let atWhole = p.map { row in zip(row, whole).reduce(0) { $0 + $1.0 * $1.1 } }
    constant =
      1 - zip(whole, l).reduce(0) { $0 + $1.0 * $1.1 }
      - zip(whole, atWhole).reduce(0) { $0 + $1.0 * $1.1 }
    linear = zip(l, atWhole).map { $0 + 2 * $1 }
    products = p.map { $0.map { -$0 } }
  }

  /// The share that is left of the whole.
  package func share(_ counts: [Double]) -> Double {
    counts.indices.reduce(constant) { share, group in
      share + counts[group]
        * zip(products[group], counts).reduce(linear[group]) { $0 + $1.0 * $1.1 }
    }
  }

  /// What one channel more of a group adds to the share.
  func gain(of group: Int, _ counts: [Double]) -> Double {
    linear[group] + products[group][group]
      + 2 * zip(products[group], counts).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Pairs of groups that meet at a node.
  private static func neighbours(_ groups: [PruningGroup], _ bound: Graph) -> [(Int, Int)] {
    var owners: [Value: Set<Int>] = [:]
    for (index, group) in groups.enumerated() {
      for member in group.members { owners[member.axis.value, default: []].insert(index) }
    }
    var pairs: Set<SIMD2<Int>> = []
    for node in bound.nodes {
      let values = (node.inputs + node.outputs).compactMap(\.self)
      let met = values.reduce(into: Set<Int>()) { $0.formUnion(owners[$1] ?? []) }.sorted()
      for (place, first) in met.enumerated() {
        for second in met[(place + 1)...] { pairs.insert([first, second]) }
      }
    }
    return pairs.map { ($0.x, $0.y) }.sorted { $0 < $1 }
  }
}
