import PithTensors

/// Which places of which axes of a graph can only be removed together, and which not at all: the
/// links of all its operators, put together.
struct AxisCoupling {
  let places: AxisPlaces
  /// Forest of sets of places: each points towards the one that stands for its set.
  private var parents: [Int32]
  /// For each place, the number of the reason why it cannot be removed; -1 where it can.
  private var reasonNumbers: [Int32]
  private var reasons: [String] = []
  private var preferred: [Int] = []
  /// Axes that go with one that is summed over: of a weight, those along which it reads channels.
  private(set) var reading: Set<ValueAxis> = []
  private var pending: [(node: Node, factoring: AxisFactoring)] = []

  /// - Parameter graph: with all shapes known.
  init(_ graph: Graph, keeping isKept: (Node) -> Bool) {
    places = AxisPlaces(graph)
    parents = (0..<Int32(places.count)).map(\.self)
    reasonNumbers = [Int32](repeating: -1, count: places.count)
    for node in graph.nodes { add(node, of: graph, isKept: isKept(node)) }
    for input in graph.inputs {
      freeze(input, graph, because: "it is the network's input '\(graph.name(of: input))'")
    }
    for output in graph.outputs {
      freeze(output, graph, because: "it is the network's output '\(graph.name(of: output))'")
    }
    for update in graph.updates {
      for value in [update.state, update.next] {
        freeze(value, graph, because: "it is the state '\(graph.name(of: update.state))'")
      }
    }
    flatten()
    chooseFactors()
    flatten()
  }

  // MARK: - Sets

  func root(of place: Int) -> Int {
    var place = Int32(place)
    while parents[Int(place)] != place { place = parents[Int(place)] }
    return Int(place)
  }

  private mutating func compressedRoot(of place: Int) -> Int {
    let root = root(of: place)
    var next = place
    while next != root { (parents[next], next) = (Int32(root), Int(parents[next])) }
    return root
  }

  /// Makes every place point at the one that stands for its set; that is always the first one.
  private mutating func flatten() {
    for place in parents.indices { parents[place] = parents[Int(parents[place])] }
  }

  private mutating func join(_ first: Int, _ second: Int) {
    let (a, b) = (compressedRoot(of: first), compressedRoot(of: second))
    parents[max(a, b)] = Int32(min(a, b))
  }

  /// Why the set of each frozen place is frozen, by the place that stands for the set.
  func frozenRoots() -> [Int: String] {
    var result: [Int: (order: Int32, reason: String)] = [:]
    for place in reasonNumbers.indices where reasonNumbers[place] >= 0 {
      let (root, number) = (root(of: place), reasonNumbers[place])
      if result[root].map({ $0.order > number }) ?? true {
        result[root] = (number, reasons[Int(number)])
      }
    }
    return result.mapValues(\.reason)
  }

  // MARK: - Links

  private mutating func freeze(_ axis: ValueAxis, because reason: String) {
    guard let range = places[axis], !range.isEmpty else { return }
    if reasons.last != reason { reasons.append(reason) }
    for place in range where reasonNumbers[place] < 0 {
      reasonNumbers[place] = Int32(reasons.count - 1)
    }
  }

  private mutating func freeze(_ value: Value, _ graph: Graph, because reason: String) {
    for axis in 0..<(graph.type(of: value)?.rank ?? 0) {
      freeze(ValueAxis(value, axis), because: reason)
    }
  }

  private mutating func add(_ node: Node, of graph: Graph, isKept: Bool) {
    let name = "node '\(node.name)' (\(node.operator.name))"
    let values = (node.inputs + node.outputs).compactMap(\.self)
    for value in node.captured {
      freeze(value, graph, because: "\(name) refers to it from inside")
    }
    let isKnown = values.allSatisfy { value in
      graph.type(of: value)?.shape?.dimensions.allSatisfy { $0 <= AxisPlaces.longestAxis } ?? false
    }
    guard isKnown else {
      for value in values {
        freeze(
          value, graph, because: "\(name) has inputs or outputs of unknown or very large shape")
      }
      return
    }
    if isKept {
      for value in node.outputs.compactMap(\.self) + node.inputs.compactMap(\.self)
      where node.outputs.contains(value) || graph.weights[value] != nil {
        freeze(value, graph, because: "\(name) is kept whole, as asked")
      }
    }
    let outputs = node.outputs.map { $0.flatMap { graph.fact(of: $0) } }
    let links = node.operator.axes(graph.inputFacts(of: node), outputs)
    for (axis, operandAxis) in axes(of: node, graph) {
      if let reason = links.reason(against: operandAxis) {
        freeze(axis, because: "\(name) \(reason)")
      }
    }
    for link in links.links {
      add(link, of: node)
      guard links.summed.contains(link.first) || links.summed.contains(link.second) else {
        continue
      }
      for axis in [link.first, link.second] {
        if let axis = valueAxis(axis, of: node) { reading.insert(axis) }
      }
    }
    for factoring in links.factorings { pending.append((node, factoring)) }
    for axis in links.preferred {
      if let place = range(axis, of: node)?.first { preferred.append(place) }
    }
  }

  private func axes(of node: Node, _ graph: Graph) -> [(ValueAxis, OperandAxis)] {
    func axes(_ values: [Value?], _ operand: (Int) -> OperandAxis.Operand)
      -> [(ValueAxis, OperandAxis)]
    {
      values.enumerated().flatMap { index, value -> [(ValueAxis, OperandAxis)] in
        guard let value else { return [] }
        return (0..<(graph.type(of: value)?.rank ?? 0)).map { axis in
          (ValueAxis(value, axis), OperandAxis(operand: operand(index), axis: axis))
        }
      }
    }
    return axes(node.inputs) { .input($0) } + axes(node.outputs) { .output($0) }
  }

  private func range(_ axis: OperandAxis, of node: Node) -> Range<Int>? {
    valueAxis(axis, of: node).flatMap { places[$0] }
  }

  private func valueAxis(_ axis: OperandAxis, of node: Node) -> ValueAxis? {
    node.value(of: axis.operand).map { ValueAxis($0, axis.axis) }
  }

  private mutating func add(_ link: AxisLink, of node: Node) {
    guard let first = range(link.first, of: node), let second = range(link.second, of: node) else {
      for axis in [link.first, link.second] {
        guard let axis = valueAxis(axis, of: node) else { continue }
        freeze(axis, because: "node '\(node.name)' (\(node.operator.name)) has too long an axis")
      }
      return
    }
    for run in link.runs {
      for index in 0..<run.count {
        let a = first.lowerBound + run.first + index * run.firstStep
        let b = second.lowerBound + run.second + index * run.secondStep
        guard first.contains(a), second.contains(b) else { continue }
        join(a, b)
      }
    }
  }

  // MARK: - Choices that reshapes leave

  /// A factor of a reshape: the better `rank`, the rather places that differ in it are removed.
  private struct Candidate {
    let factor: Int
    let before: AxisFactoring.Side
    let after: AxisFactoring.Side
    var rank: (isPreferred: Bool, live: Int, root: Int)

    func isBetter(than other: Candidate) -> Bool {
      if rank.isPreferred != other.rank.isPreferred { return rank.isPreferred }
      return rank.live == other.rank.live
        ? rank.root < other.rank.root : rank.live > other.rank.live
    }
  }

  private mutating func chooseFactors() {
    let frozen = Set(frozenRoots().keys)
    let preferredRoots = Set(preferred.map { root(of: $0) })
    let choices = pending.map { site in
      (site.node, site.factoring, chosen(site.factoring, of: site.node, frozen, preferredRoots))
    }
    for (node, factoring, chosen) in choices {
      for candidate in chosen { join(candidate, sizes: factoring.sizes, of: node) }
      let used = Set(chosen.flatMap { [$0.before.axis, $0.after.axis] })
      for side in factoring.before + factoring.after where !used.contains(side.axis) {
        guard let axis = valueAxis(side.axis, of: node) else { continue }
        freeze(
          axis,
          because:
            "node '\(node.name)' (\(node.operator.name)) joins it with an axis that is removed from"
        )
      }
    }
  }

  /// At most one factor of each axis.
  private func chosen(
    _ factoring: AxisFactoring, of node: Node, _ frozen: Set<Int>, _ preferred: Set<Int>
  ) -> [Candidate] {
    var candidates: [Candidate] = []
    for factor in factoring.sizes.indices {
      guard let before = factoring.before.first(where: { $0.factors.contains(factor) }),
        let after = factoring.after.first(where: { $0.factors.contains(factor) })
      else { continue }
      var candidate = Candidate(
        factor: factor, before: before, after: after, rank: (false, .max, .max))
      for side in [before, after] {
        guard let range = range(side.axis, of: node) else {
          candidate.rank.live = 0
          continue
        }
        let roots = range.map { root(of: $0) }
        let live = roots.count { !frozen.contains($0) }
        let isAlone = side.factors.count == 1
        candidate.rank.live = min(
          candidate.rank.live, isAlone ? live : live > 0 ? factoring.sizes[factor] : 0)
        guard isAlone else { continue }
        candidate.rank.root = min(candidate.rank.root, roots.first ?? .max)
        if live > 0, roots.first.map(preferred.contains) ?? false {
          candidate.rank.isPreferred = true
        }
      }
      candidates.append(candidate)
    }
    var used: Set<OperandAxis> = []
    return candidates.sorted { $0.isBetter(than: $1) }.filter { candidate in
      guard !used.contains(candidate.before.axis), !used.contains(candidate.after.axis) else {
        return false
      }
      used.formUnion([candidate.before.axis, candidate.after.axis])
      return true
    }
  }

  /// Joins all places of both axes that are equal in the factor.
  private mutating func join(_ candidate: Candidate, sizes: [Int], of node: Node) {
    let size = sizes[candidate.factor]
    var first = [Int](repeating: -1, count: size)
    for side in [candidate.before, candidate.after] {
      guard let range = range(side.axis, of: node) else { continue }
      let inner = sizes[(candidate.factor + 1)..<max(side.factors.upperBound, candidate.factor + 1)]
        .reduce(1, *)
      for (index, place) in range.enumerated() {
        let value = index / inner % size
        if first[value] < 0 { first[value] = place } else { join(first[value], place) }
      }
    }
  }
}

extension Node {
  /// The value that an operand stands for; nil where it is absent.
  func value(of operand: OperandAxis.Operand) -> Value? {
    switch operand {
    case .input(let index): index < inputs.count ? inputs[index] : nil
    case .output(let index): index < outputs.count ? outputs[index] : nil
    }
  }
}
