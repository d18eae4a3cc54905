import PithGraph

/// The channels of a convolution in groups, each of which reads `inner` channels and makes `outer`.
struct GroupedChannels {
  let groups: Int
  let inner: Int
  let outer: Int

  /// Whether whole groups are removed, as from a depthwise convolution, or the same places of every
  /// group, whichever leaves the finer choice.
  var removesGroups: Bool {
    groups > 1 && (inner == 1 || outer == 1 || groups >= min(inner, outer))
  }

  /// Links of the channels read with those made where whole groups are removed.
  func linkGroups(_ links: inout AxisLinks, from data: OperandAxis, to result: OperandAxis) {
    links.blocks(result, of: outer, count: groups)
    links.link(
      data, result,
      (0..<inner).map {
        AxisLink.Run($0, 0, count: groups, firstStep: inner, secondStep: outer)
      })
  }

  /// Links of an axis of all channels with one of the weight that has those of one group.
  func linkPlaces(
    _ links: inout AxisLinks, _ all: OperandAxis, with weight: OperandAxis, size: Int
  ) {
    links.link(all, weight, (0..<groups).map { AxisLink.Run($0 * size, 0, count: size) })
  }

  /// The number of groups once channels that are read are removed.
  func groupsLeft(_ narrowing: Narrowing) -> Int {
    guard removesGroups, let kept = narrowing.kept(.input(0, 1)) else { return groups }
    return kept.count / inner
  }
}
