package import PithGraph
import PithOperators
import PithTensors

/// Where the gates of channels act: wherever a sum runs over channels, on the weights that read
/// them if there are such, on the data otherwise.
///
/// A convolution of gated channels is a convolution with gated weights, which are fewer numbers
/// than the channels' pixels. A closed gate is a channel removed, whatever normalisation and bias
/// make of it before.
package struct GateSites: Sendable {
  private struct Site: Sendable {
    let node: Node.ID
    let input: Int
    let axis: Int
    /// For each place of the axis the number of its gate; that after the last where it has none.
    let gates: [Int]

    /// The extents of what a value of some axes is multiplied by.
    func shape(rank: Int, extent: Int) -> Shape {
      var shape = Shape([Int](repeating: 1, count: rank))
      shape[axis] = extent
      return shape
    }
  }

  /// The number of gates.
  package let count: Int
  private var sites: [Site] = []

  /// - Parameter bound: the network with the known shapes that the groups were found in.
  package init(_ groups: [PruningGroup], bound: Graph) {
    count = groups.reduce(0) { $0 + $1.count }
    var gates: [ValueAxis: [Int]] = [:]
    var removal = ChannelRemoval()
    var first = 0
    for group in groups {
      removal.remove(0..<group.count, of: group)
      for member in group.members {
        var places = gates[member.axis] ?? [Int](repeating: count, count: member.extent)
        for channel in 0..<group.count {
          for place in member.places[channel] { places[place] = first + channel }
        }
        gates[member.axis] = places
      }
      first += group.count
    }
    var taken: Set<SIMD3<Int>> = []
    for sum in bound.summedInputs(of: removal, bound: bound) {
      guard let node = bound.node(sum.node) else { continue }
      let (input, axis) = Self.operand(of: node, bound, input: sum.input, axis: sum.axis)
      guard let value = node.inputs[input], let places = gates[ValueAxis(value, axis)],
        taken.insert([node.id, input, axis]).inserted
      else { continue }
      sites.append(Site(node: node.id, input: input, axis: axis, gates: places))
    }
  }

  /// The weight that goes with an input that is summed over, where the node has one; the input
  /// itself otherwise.
  private static func operand(of node: Node, _ bound: Graph, input: Int, axis: Int)
    -> (input: Int, axis: Int)
  {
    func isWeight(_ slot: Int) -> Bool {
      node.inputs[slot].map { bound.weights[$0] != nil } ?? false
    }
    guard !isWeight(input) else { return (input, axis) }
    let outputs = node.outputs.map { $0.flatMap { bound.fact(of: $0) } }
    let summed = OperandAxis.input(input, axis)
    for link in node.operator.axes(bound.inputFacts(of: node), outputs).links {
      guard link.first == summed || link.second == summed else { continue }
      let other = link.first == summed ? link.second : link.first
      if case .input(let slot) = other.operand, isWeight(slot) { return (slot, other.axis) }
    }
    return (input, axis)
  }

  /// Multiplies by gates that the graph computes.
  ///
  /// - Parameter gates: one for each gate, and a one behind them.
  func insert(_ gates: Value, into graph: inout Graph) throws(GraphError) {
    for site in sites {
      guard let node = graph.node(site.node), let value = node.inputs[site.input],
        let rank = graph.type(of: value)?.rank
      else { continue }
      let shape = site.shape(rank: rank, extent: site.gates.count)
      let places = graph.addWeight(nil, Tensor(site.gates.map(Int64.init), shape))
      let factors = try graph.insert(Gather(), [gates, places], before: node.id)[0]
      let gated = try graph.insert(Mul(), [value, factors], before: node.id)[0]
      try graph.modify(node.id) { $0.inputs[site.input] = gated }
    }
  }

  /// The graph with everything that gates act on multiplied by what they are.
  ///
  /// - Parameters:
  ///   - openings: the factor of each gate.
  ///   - isKept: for each gate whether its channel is still there.
  package func applying(_ openings: [Float], kept isKept: [Bool], to graph: Graph)
    throws(GraphError)
    -> Graph
  {
    var result = graph
    let (openings, isKept) = (openings + [1], isKept + [true])
    for site in sites {
      let factors = site.gates.filter { isKept[$0] }.map { openings[$0] }
      guard factors.contains(where: { $0 != 1 }), let node = result.node(site.node),
        let value = node.inputs[site.input], let rank = result.type(of: value)?.rank
      else { continue }
      let users = result.nodes.count { $0.inputs.contains(value) }
      if let weight = result.weights[value], weight.dtype == .float32, users == 1 {
        result.setWeight(value, weight.multiplied(by: factors, axis: site.axis))
        continue
      }
      let shape = site.shape(rank: rank, extent: factors.count)
      let constant = result.addWeight(nil, Tensor(factors, shape))
      let product = try result.insert(Mul(), [value, constant], before: node.id)[0]
      try result.modify(node.id) { $0.inputs[site.input] = product }
    }
    return result
  }
}

extension Tensor {
  /// Each place of an axis multiplied by a factor.
  fileprivate func multiplied(by factors: [Float], axis: Int) -> Tensor {
    let inner = shape.strides[axis]
    var result = self
    result.update(as: Float.self) { numbers in
      for index in numbers.indices { numbers[index] *= factors[index / inner % factors.count] }
    }
    return result
  }
}
