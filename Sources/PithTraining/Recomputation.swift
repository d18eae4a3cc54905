import PithGraph
import PithTensors

/// Computes activations again when the gradients need them, in place of keeping them until then:
/// less memory for more work (Chen et al., "Training deep nets with sublinear memory cost", 2016).
///
/// The forward pass is cut into segments. What passes from one to a later one is kept; what else the
/// gradients of a segment read is made anew just before the first of them reads it. The last segment
/// is never repeated. The same kernels run on the same numbers, so the bits stay the same.
struct Recomputation {
  private let graph: Graph
  /// The nodes of the forward pass, the loss included.
  private let forward: [Node]
  /// The position of the forward node that makes a value, and of the last that reads it.
  private let producer: [Value: Int]
  private let lastUse: [Value: Int]
  /// What gradients, updates and outputs read.
  private let usedLater: Set<Value>

  /// - Parameter count: the nodes of the forward pass, which are the graph's first.
  init(_ graph: Graph, forward count: Int) {
    self.graph = graph
    forward = Array(graph.nodes.prefix(count))
    var producer: [Value: Int] = [:]
    var lastUse: [Value: Int] = [:]
    for (position, node) in forward.enumerated() {
      for case let output? in node.outputs { producer[output] = position }
      for case let input? in node.inputs { lastUse[input] = position }
    }
    self.producer = producer
    self.lastUse = lastUse
    usedLater = Set(
      graph.nodes.dropFirst(count).flatMap { $0.inputs.compactMap(\.self) } + graph.outputs
        + graph.updates.map(\.next))
  }

  /// The graph with its forward pass in about so many segments, and the share of the forward pass's
  /// multiply-accumulates that are done twice.
  func repeating(segments: Int) throws(GraphError) -> (graph: Graph, share: Double) {
    var result = graph
    var again = 0
    let bounds = [0] + cuts(segments) + [forward.count]
    for (start, end) in zip(bounds, bounds.dropFirst()).dropLast() {
      let positions = repeated(start..<end)
      try insert(positions, segment: start..<end, in: &result)
      again += positions.reduce(0) { $0 + macs(forward[$1]) }
    }
    let all = forward.reduce(0) { $0 + macs($1) }
    return (result, Double(again) / Double(max(all, 1)))
  }

  /// Whether a value of the segment is made again: not when a later segment reads it too.
  private func isRemade(_ value: Value, in segment: Range<Int>) -> Bool {
    guard let made = producer[value], segment.contains(made) else { return false }
    return (lastUse[value] ?? 0) < segment.upperBound && !graph.outputs.contains(value)
  }

  /// The nodes of a segment that must run again, in order.
  private func repeated(_ segment: Range<Int>) -> [Int] {
    var wanted: Set<Value> = []
    var positions: [Int] = []
    for position in segment.reversed() {
      let node = forward[position]
      let outputs = node.outputs.compactMap(\.self).filter { isRemade($0, in: segment) }
      guard outputs.contains(where: { usedLater.contains($0) || wanted.contains($0) }) else {
        continue
      }
      positions.append(position)
      wanted.formUnion(node.inputs.compactMap(\.self))
    }
    return positions.reversed()
  }

  /// Adds copies of the nodes before the first gradient that reads one of their values, and gives the
  /// gradients the copies' values to read.
  private func insert(_ positions: [Int], segment: Range<Int>, in result: inout Graph)
    throws(GraphError)
  {
    let made = Set(
      positions.flatMap { forward[$0].outputs.compactMap(\.self) }
        .filter { isRemade($0, in: segment) && usedLater.contains($0) })
    let own = Set(forward.map(\.id))
    let readers = result.nodes.filter { node in
      !own.contains(node.id) && node.inputs.contains { $0.map(made.contains) ?? false }
    }
    guard let first = readers.first else { return }
    var copies: [Value: Value] = [:]
    for position in positions {
      let node = forward[position]
      let inputs = node.inputs.map { $0.map { copies[$0] ?? $0 } }
      let outputs = result.insertCopy(
        of: node, inputs: inputs, before: first.id, name: node.name + " again")
      for case (let old?, let new?) in zip(node.outputs, outputs)
      where isRemade(old, in: segment) {
        copies[old] = new
      }
    }
    for reader in readers {
      try result.modify(reader.id) { node in
        node.inputs = node.inputs.map { $0.map { copies[$0] ?? $0 } }
      }
    }
  }

  // MARK: - Where to cut

  /// Positions that divide what is kept for the gradients into equal parts, each moved to where the
  /// least passes on.
  private func cuts(_ segments: Int) -> [Int] {
    var kept = [0]
    for node in forward {
      let outputs = node.outputs.compactMap(\.self).filter(usedLater.contains)
      kept.append(kept[kept.count - 1] + outputs.reduce(0) { $0 + bytes($1) })
    }
    let passing = passing
    let part = Double(kept[forward.count]) / Double(max(segments, 1))
    var cuts: [Int] = []
    for index in 1..<max(segments, 1) {
      let target = part * Double(index)
      let first = (cuts.last ?? 0) + 1
      guard first < forward.count else { break }
      func distance(_ position: Int) -> Double { (Double(kept[position]) - target).magnitude }
      let near = (first..<forward.count).filter { distance($0) <= 0.4 * part }
      let best = near.min { (passing[$0], distance($0)) < (passing[$1], distance($1)) }
      if let best { cuts.append(best) }
    }
    return cuts
  }

  /// By position, the bytes that nodes before it hand to nodes from it on.
  private var passing: [Int] {
    var changes = [Int](repeating: 0, count: forward.count + 1)
    for (value, made) in producer {
      guard let last = lastUse[value], last > made else { continue }
      changes[made + 1] += bytes(value)
      changes[last + 1] -= bytes(value)
    }
    var sum = 0
    return changes.map { change in
      sum += change
      return sum
    }
  }

  private func bytes(_ value: Value) -> Int {
    guard let type = graph.type(of: value), let count = type.shape?.checkedCount else { return 0 }
    return type.dtype.bytes(for: count)
  }

  private func macs(_ node: Node) -> Int {
    let outputs = node.outputs.compactMap { $0.flatMap { graph.fact(of: $0) } }
    return node.operator.cost(graph.inputFacts(of: node), outputs).macs
  }
}
