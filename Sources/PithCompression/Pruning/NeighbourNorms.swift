import PithGraph
import PithOperators
import PithTensors

/// For the channels of a value, the squared norms of the filters that make them and of the weights
/// that use them, through whatever stands between: see `Lookahead` for what counts how much.
struct NeighbourNorms {
  private let graph: Graph
  private let connections: Connections
  private let layers: [Node.ID: PrunableLayer]
  private var filterNorms: [Value: [Double]] = [:]
  private var channelNorms: [Value: [Double]] = [:]

  /// Nodes between two layers; what lies further off counts as nothing known.
  private static let mostNodes = 64

  init(_ graph: Graph) {
    self.graph = graph
    connections = graph.connections
    var layers: [Node.ID: PrunableLayer] = [:]
    for layer in graph.prunableLayers() where layer.isPlain && layer.slot == 1 {
      for user in layer.users { layers[user] = layer }
    }
    self.layers = layers
  }

  /// By input channel; nil where nothing is known.
  mutating func before(_ layer: PrunableLayer) -> [Double]? {
    sum(layer.users) { norms, node in
      guard node.inputs.count > 1, let data = node.inputs[1 - layer.slot] else { return nil }
      let channels = layer.layout.inputs * layer.layout.groups
      return norms.made(data, Self.mostNodes).flatMap { $0.count == channels ? $0 : nil }
    }
  }

  /// By filter; nil where nothing is known.
  mutating func behind(_ layer: PrunableLayer) -> [Double]? {
    sum(layer.users) { norms, node in
      node.output.flatMap { norms.used($0, isForked: false, Self.mostNodes) }
        .flatMap { $0.count == layer.layout.filters ? $0 : nil }
    }
  }

  /// The sum over several users of one weight.
  private mutating func sum(
    _ users: [Node.ID], _ norms: (inout Self, Node) -> [Double]?
  ) -> [Double]? {
    var result: [Double]?
    for id in users {
      guard let node = graph.node(id), let next = norms(&self, node) else { continue }
      result = result.map { zip($0, next).map(+) } ?? next
    }
    return result
  }

  // MARK: - Norms of one layer

  /// ||W[k]||^2 by filter k.
  private mutating func norms(ofFilters layer: PrunableLayer) -> [Double] {
    if let known = filterNorms[layer.weight] { return known }
    let weights = graph.weights[layer.weight]?.floats ?? []
    let result = (0..<layer.layout.filters).map { filter in
      layer.layout.indices(filter: filter).reduce(0.0) {
        $0 + Double(weights[$1]) * Double(weights[$1])
      }
    }
    filterNorms[layer.weight] = result
    return result
  }

  /// ||W[:, j]||^2 by input channel j.
  private mutating func norms(ofChannels layer: PrunableLayer) -> [Double] {
    if let known = channelNorms[layer.weight] { return known }
    let layout = layer.layout
    let weights = graph.weights[layer.weight]?.floats ?? []
    var result = [Double](repeating: 0, count: layout.inputs * layout.groups)
    for filter in 0..<layout.filters {
      for input in 0..<layout.inputs {
        let channel = layout.channel(filter: filter, input: input)
        for place in 0..<layout.places {
          let weight = Double(weights[layout.index(filter: filter, input: input, place: place)])
          result[channel] += weight * weight
        }
      }
    }
    channelNorms[layer.weight] = result
    return result
  }

  /// (scale / deviation)^2 by channel.
  private func factors(_ node: Node, _ normalization: BatchNormalization) -> [Double]? {
    guard let scale = node.inputs[1].flatMap({ graph.weights[$0] }),
      let variance = node.inputs[4].flatMap({ graph.weights[$0] })
    else { return nil }
    return zip(scale.doubles, variance.doubles).map {
      $0 * $0 / ($1 + Double(normalization.epsilon))
    }
  }

  // MARK: - Upwards

  /// Squared norms of what makes each channel of a value; nil where nothing is known.
  private mutating func made(_ value: Value, _ left: Int) -> [Double]? {
    guard left > 0, let position = connections.producer[value] else { return nil }
    let node = graph.nodes[position]
    if let layer = layers[node.id] { return norms(ofFilters: layer) }
    let data = computed(node.inputs)
    switch node.operator {
    case let normalization as BatchNormalization:
      guard let factors = factors(node, normalization), let input = node.inputs[0] else {
        return nil
      }
      return product(made(input, left - 1), factors)
    case is Add where data.count > 1, is Sum where data.count > 1:
      guard let channels = channels(of: value) else { return nil }
      return data.reduce([Double](repeating: 0, count: channels)) { sum, operand in
        let ones = [Double](repeating: 1, count: channels)
        let norms = isSkip(operand, left) ? ones : made(operand, left - 1) ?? ones
        return zip(sum, norms.count == channels ? norms : ones).map(+)
      }
    case is Mul where data.count > 1:
      return gated(node, data).flatMap { made($0, left - 1) }
    case is Concat:
      guard joins(node) else { return nil }
      return node.inputs.compactMap(\.self).flatMap { part in
        made(part, left - 1) ?? [Double](repeating: 1, count: channels(of: part) ?? 0)
      }
    case is Pad:
      guard let input = node.inputs[0], let (first, count) = padded(node) else { return nil }
      let norms = made(input, left - 1) ?? [Double](repeating: 1, count: count)
      var result = [Double](repeating: 0, count: channels(of: value) ?? 0)
      for (index, norm) in norms.enumerated() where first + index < result.count {
        result[first + index] = norm
      }
      return result
    case is Flatten, is Reshape:
      guard let input = node.inputs[0], let block = flattens(node) else { return nil }
      return made(input, left - 1)?.flatMap { [Double](repeating: $0, count: block) }
    default:
      guard data.count == 1, passes(node, data[0]) else { return nil }
      return made(data[0], left - 1)
    }
  }

  /// Whether an operand of a sum is there without passing a layer: the way around a residual block.
  private func isSkip(_ operand: Value, _ left: Int) -> Bool {
    var value = operand
    for _ in 0..<left {
      if connections.consumers[value].map({ $0.count > 1 }) ?? false { return true }
      guard let position = connections.producer[value] else { return true }
      let node = graph.nodes[position]
      let data = computed(node.inputs)
      let isPad = node.operator is Pad
      guard layers[node.id] == nil, !(node.operator is BatchNormalization), data.count == 1,
        isPad || passes(node, data[0])
      else { return false }
      value = data[0]
    }
    return false
  }

  // MARK: - Downwards

  /// Squared norms of what uses each channel of a value; nil where nothing is known.
  ///
  /// - Parameter isForked: whether something else was seen to use it, so that a sum it enters is
  ///   the end of a way around a block.
  private mutating func used(_ value: Value, isForked: Bool, _ left: Int) -> [Double]? {
    guard left > 0, let channels = channels(of: value) else { return nil }
    let ones = [Double](repeating: 1, count: channels)
    let users = connections.consumers[value] ?? []
    var sum: [Double]? = connections.outputs.contains(value) ? ones : nil
    for position in users {
      let node = graph.nodes[position]
      let forks = isForked || users.count > 1
      let norms = norms(of: node, using: value, isForked: forks, left) ?? ones
      guard norms.count == channels else { continue }
      sum = sum.map { zip($0, norms).map(+) } ?? norms
    }
    return sum
  }

  private mutating func norms(
    of node: Node, using value: Value, isForked: Bool, _ left: Int
  ) -> [Double]? {
    if let layer = layers[node.id] { return norms(ofChannels: layer) }
    guard let output = node.output else { return nil }
    let data = computed(node.inputs)
    switch node.operator {
    case let normalization as BatchNormalization:
      guard let factors = factors(node, normalization) else { return nil }
      return product(used(output, isForked: isForked, left - 1), factors)
    case is Add where data.count > 1, is Sum where data.count > 1:
      return isForked ? nil : used(output, isForked: false, left - 1)
    case is Mul where data.count > 1:
      guard gated(node, data) == value else { return nil }
      return used(output, isForked: isForked, left - 1)
    case is Concat:
      guard joins(node), let place = node.inputs.firstIndex(of: value),
        let count = channels(of: value)
      else { return nil }
      let first = node.inputs[..<place].reduce(0) { $0 + ($1.flatMap(channels) ?? 0) }
      guard let norms = used(output, isForked: isForked, left - 1),
        norms.count >= first + count
      else { return nil }
      return Array(norms[first..<first + count])
    case is Pad:
      guard let (first, count) = padded(node),
        let norms = used(output, isForked: isForked, left - 1), norms.count >= first + count
      else { return nil }
      return Array(norms[first..<first + count])
    case is Flatten, is Reshape:
      guard let block = flattens(node), let norms = used(output, isForked: isForked, left - 1)
      else { return nil }
      return stride(from: 0, to: norms.count, by: block).map { start in
        norms[start..<min(start + block, norms.count)].reduce(0, +)
      }
    default:
      return data == [value] && passes(node, value)
        ? used(output, isForked: isForked, left - 1) : nil
    }
  }

  // MARK: - Shapes

  private func product(_ norms: [Double]?, _ factors: [Double]) -> [Double] {
    guard let norms, norms.count == factors.count else { return factors }
    return zip(norms, factors).map(*)
  }

  /// Inputs that are neither constants nor made of constants alone.
  private func computed(_ inputs: [Value?]) -> [Value] {
    inputs.compactMap(\.self).filter {
      graph.weights[$0] == nil && graph.fact(of: $0)?.constant == nil
    }
  }

  /// The extent of the axis of channels: the second of four or more and of matrices, the last of
  /// sequences (N, T, C), whose layers are matrix products.
  private func channels(of value: Value) -> Int? {
    guard let type = graph.type(of: value), type.rank > 1 else { return nil }
    let isSequence = type.rank == 3 && !isConvolved(value)
    return type.dimensions[isSequence ? 2 : 1].size
  }

  /// Whether a value of rank three is (N, C, L).
  private func isConvolved(_ value: Value) -> Bool {
    let near =
      (connections.consumers[value] ?? []) + [connections.producer[value]].compactMap(\.self)
    return near.contains { graph.nodes[$0].operator is Conv }
  }

  /// Whether a node leaves the channels of its only computed input where they are.
  private func passes(_ node: Node, _ input: Value) -> Bool {
    guard let output = node.output, !(node.operator is Transpose), !(node.operator is Gather),
      node.operator.role(ofInput: 1) != .weight,
      let from = graph.type(of: input), let to = graph.type(of: output)
    else { return false }
    return from.rank == to.rank && channels(of: input) != nil
      && channels(of: input) == channels(of: output)
  }

  /// The operand of a product that a gate (a factor for each channel) multiplies.
  private func gated(_ node: Node, _ data: [Value]) -> Value? {
    guard let output = node.output, let type = graph.type(of: output) else { return nil }
    return data.first { graph.type(of: $0)?.dimensions == type.dimensions }
  }

  /// Whether a concatenation is one of channels.
  private func joins(_ node: Node) -> Bool {
    guard let concat = node.as(Concat.self), let output = node.output,
      let rank = graph.type(of: output)?.rank
    else { return false }
    let axis = concat.axis < 0 ? concat.axis + rank : concat.axis
    return rank > 1 && axis == (rank == 3 && !isConvolved(output) ? 2 : 1)
  }

  /// How many features each channel becomes when a map (N, C, ...) is flattened to (N, F).
  private func flattens(_ node: Node) -> Int? {
    guard let input = node.inputs[0], let output = node.output,
      let from = graph.type(of: input), let to = graph.type(of: output), from.rank > 2,
      to.rank == 2, let channels = from.dimensions[1].size, channels > 0,
      let features = to.dimensions[1].size, features.isMultiple(of: channels)
    else { return nil }
    let map = from.dimensions.dropFirst().compactMap(\.size).reduce(1, *)
    return from.dimensions.dropFirst(2).contains { $0.size == nil } || map == features
      ? features / channels : nil
  }

  /// Where the channels of the data stand among those of a padded value, and their number.
  private func padded(_ node: Node) -> (first: Int, count: Int)? {
    guard let input = node.inputs[0], let amounts = node.inputs.count > 1 ? node.inputs[1] : nil,
      let pads = graph.weights[amounts]?.integers, let type = graph.type(of: input),
      pads.count == 2 * type.rank, type.rank > 1, pads[1] >= 0,
      let count = type.dimensions[1].size
    else { return nil }
    return (pads[1], count)
  }
}
