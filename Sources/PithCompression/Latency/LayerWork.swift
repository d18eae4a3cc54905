package import PithGraph
import PithTensors

/// How much each layer has to do, and how much less once channels are gone: of layers with weights
/// and of matrix products the multiply-accumulates, kept-in x kept-out but for a factor; of all
/// other nodes together the elements that they make.
package struct LayerWork: Sendable {
  /// The name under which the nodes without multiply-accumulates stand together.
  package static let rest = ""

  /// What the whole network does, by the name of the layer.
  package let whole: [String: Double]
  private let cost: StructureCost
  private let names: [Node.ID: String]
  /// The extents of what the nodes without multiply-accumulates make.
  private let made: [Value: [Int]]

  /// - Parameter bound: the network with all shapes known.
  package init(_ bound: Graph) {
    cost = StructureCost(bound)
    let macs = cost.macsByNode
    var names: [Node.ID: String] = [:]
    var made: [Value: [Int]] = [:]
    var whole: [String: Double] = [:]
    for node in bound.nodes {
      if let count = macs[node.id] {
        names[node.id] = node.name
        whole[node.name, default: 0] += Double(count)
        continue
      }
      for case let output? in node.outputs {
        guard let shape = bound.type(of: output)?.shape else { continue }
        made[output] = shape.dimensions
        whole[Self.rest, default: 0] += Double(shape.count)
      }
    }
    (self.names, self.made, self.whole) = (names, made, whole)
  }

  /// What there is less to do for each layer that a removal touches.
  package func saved(by removal: ChannelRemoval) -> [String: Double] {
    var result: [String: Double] = [:]
    for (node, count) in cost.macs(of: removal) {
      if let name = names[node] { result[name, default: 0] += Double(count) }
    }
    let removed = removal.places.mapValues(\.count)
    for value in Set(removed.keys.map(\.value)) {
      guard let extents = made[value] else { continue }
      let left = extents.enumerated().map { $1 - (removed[ValueAxis(value, $0)] ?? 0) }
      result[Self.rest, default: 0] += Double(extents.reduce(1, *) - left.reduce(1, *))
    }
    return result
  }
}
