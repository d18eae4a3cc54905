import PithTensors

extension Graph {
  /// The groups of channels that can be removed, and the axes that cannot be touched.
  ///
  /// - Parameter isKept: nodes whose weights and outputs keep their shapes.
  public func pruningGroups(keeping isKept: (Node) -> Bool = { _ in false }) throws(GraphError)
    -> PruningGroups
  {
    let bound = try withKnownShapes()
    var collection = ChannelCollection(bound, AxisCoupling(bound, keeping: isKept))
    collection.collect()
    let found = collection.groups()
    var result = PruningGroups(groups: [], frozen: collection.frozen, bound: bound)
    let costs = StructureCost(bound)
    for var group in found {
      // An operator may turn out unable to follow, where shapes are open.
      do { _ = try removing(channels: [0], from: group) } catch {
        result.frozen.append(FrozenGroup(group, because: error.description))
        continue
      }
      group.cost = costs.cost(of: [0], in: group)
      result.groups.append(group)
    }
    return result
  }

  /// The graph with a size for every named extent of its inputs: `batch` for those that come first,
  /// for others the smallest of a few usual sizes with which all shapes can be told.
  public func withKnownShapes(batch: Int = 1) throws(GraphError) -> Graph {
    var (first, other): (Set<String>, Set<String>) = ([], [])
    for input in inputs {
      for (axis, dimension) in (type(of: input)?.dimensions ?? []).enumerated() {
        guard case .named(let name) = dimension else { continue }
        if axis == 0 { first.insert(name) } else { other.insert(name) }
      }
    }
    other.subtract(first)
    let batches = Dictionary(uniqueKeysWithValues: first.map { ($0, batch) })
    guard !other.isEmpty else { return try binding(batches) }
    var failure: GraphError?
    for size in [16, 32, 64, 96, 128, 224, 256, 320, 512] {
      let sizes = batches.merging(other.map { ($0, size) }) { first, _ in first }
      do { return try binding(sizes) } catch { failure = error }
    }
    throw failure ?? .invalid("no size was found for the open extents of the inputs")
  }
}

/// Collects the sets of coupled places of a graph into groups of equal form.
private struct ChannelCollection {
  private struct Channel {
    var places: [(axis: Int, place: Int)] = []
  }

  let graph: Graph
  let coupling: AxisCoupling
  /// By the place that stands for the set, in the order in which nodes use them.
  private var channels: [Int: Channel] = [:]
  private var order: [Int] = []
  private(set) var frozen: [FrozenGroup] = []
  private var isConstant: [Bool] = []
  private let makers: [Value: Node]
  private let users: [Value: [(node: Node, slot: Int)]]

  init(_ graph: Graph, _ coupling: AxisCoupling) {
    self.graph = graph
    self.coupling = coupling
    var makers: [Value: Node] = [:]
    var users: [Value: [(node: Node, slot: Int)]] = [:]
    for node in graph.nodes {
      for case let output? in node.outputs { makers[output] = node }
      for (slot, input) in node.inputs.enumerated() {
        if let input { users[input, default: []].append((node, slot)) }
      }
    }
    self.makers = makers
    self.users = users
  }

  /// Keeps the sets that have places both on a weight and on what a node makes.
  mutating func collect() {
    let axes = coupling.places.axes
    isConstant = axes.map { graph.weights[$0.axis.value] != nil }
    var touches = [UInt8](repeating: 0, count: coupling.places.count)
    for (index, axis) in axes.enumerated() {
      let bit: UInt8 = isConstant[index] ? 1 : makers[axis.axis.value] != nil ? 2 : 0
      for place in 0..<axis.extent { touches[coupling.root(of: axis.start + place)] |= bit }
    }
    for (index, axis) in axes.enumerated() {
      for place in 0..<axis.extent {
        let root = coupling.root(of: axis.start + place)
        guard touches[root] == 3 else { continue }
        if channels[root] == nil { order.append(root) }
        channels[root, default: Channel()].places.append((index, place))
      }
    }
  }

  /// Sets that can be removed, grouped by form; the others go to `frozen`.
  mutating func groups() -> [PruningGroup] {
    let reasons = coupling.frozenRoots()
    var forms: [[SIMD2<Int>]: Int] = [:]
    var found: [(form: [SIMD2<Int>], channels: [Int])] = []
    var kept: [String: (roots: [Int], reason: String)] = [:]
    var keptOrder: [String] = []
    for root in order {
      guard let channel = channels[root] else { continue }
      let form = form(of: channel)
      if let reason = reasons[root] ?? wholeAxis(form) {
        let key = reason + form.map { "\($0.x)," }.joined()
        if kept[key] == nil { keptOrder.append(key) }
        kept[key, default: ([], reason)].roots.append(root)
      } else if let index = forms[form] {
        found[index].channels.append(root)
      } else {
        forms[form] = found.count
        found.append((form, [root]))
      }
    }
    frozen = keptOrder.compactMap { key in
      kept[key].flatMap { frozenGroup($0.roots, $0.reason) }
    }
    return found.map { group($0.form, $0.channels) }
  }

  /// The axes that a channel has places on, with the number of places, in order.
  private func form(of channel: Channel) -> [SIMD2<Int>] {
    var form: [SIMD2<Int>] = []
    for (axis, _) in channel.places {
      if form.last?.x == axis { form[form.count - 1].y += 1 } else { form.append([axis, 1]) }
    }
    return form
  }

  /// The reason against removing a channel that is all there is of some axis.
  private func wholeAxis(_ form: [SIMD2<Int>]) -> String? {
    for entry in form where entry.y == coupling.places.axes[entry.x].extent {
      let value = coupling.places.axes[entry.x].axis.value
      return "nothing would be left of '\(graph.name(of: value))'"
    }
    return nil
  }

  private func group(_ form: [SIMD2<Int>], _ roots: [Int]) -> PruningGroup {
    var places = form.map { _ in [[Int]]() }
    for root in roots {
      var rest = (channels[root]?.places ?? [])[...]
      for (index, entry) in form.enumerated() {
        places[index].append(rest.prefix(entry.y).map(\.place))
        rest = rest.dropFirst(entry.y)
      }
    }
    let members = form.enumerated().map { index, entry in
      let axis = coupling.places.axes[entry.x]
      return PruningGroup.Member(
        axis: axis.axis, extent: axis.extent, places: places[index],
        isConstant: isConstant[entry.x],
        isReading: isConstant[entry.x] && coupling.reading.contains(axis.axis))
    }
    return PruningGroup(name: name(of: members.map(\.axis)), members: members, count: roots.count)
  }

  private func frozenGroup(_ roots: [Int], _ reason: String) -> FrozenGroup? {
    var counts: [Int: Int] = [:]
    for root in roots {
      for (axis, _) in channels[root]?.places ?? [] { counts[axis, default: 0] += 1 }
    }
    let members = counts.sorted { $0.key < $1.key }.map { index, count in
      (axis: coupling.places.axes[index].axis, places: count)
    }
    let weights = members.filter { graph.weights[$0.axis.value] != nil && isWeight($0.axis.value) }
    guard let count = weights.map(\.places).max() else { return nil }
    return FrozenGroup(
      name: name(of: members.map(\.axis)), members: members, reason: reason, count: count)
  }

  /// Whether a constant multiplies data, as it stands or once it is decoded: only of such layers it
  /// is told that they stay whole.
  private func isWeight(_ value: Value) -> Bool {
    (users[value] ?? []).contains {
      $0.node.operator.role(ofInput: $0.slot) == .weight
        || ($0.node.operator.name == "DequantizeLinear" && $0.slot == 0)
    }
  }

  /// The node that makes a member out of a weight that is a member: the layer whose channels these
  /// are.
  private func name(of axes: [ValueAxis]) -> String {
    let made = Set(axes.map(\.value))
    var first: Node?
    for axis in axes where graph.weights[axis.value] != nil {
      for (node, slot) in users[axis.value] ?? [] where first.map({ $0.id > node.id }) ?? true {
        guard node.operator.role(ofInput: slot) == .weight,
          node.outputs.contains(where: { $0.map(made.contains) ?? false })
        else { continue }
        first = node
      }
    }
    let maker = axes.lazy.compactMap { makers[$0.value] }.first
    return (first ?? maker)?.name ?? ""
  }
}
