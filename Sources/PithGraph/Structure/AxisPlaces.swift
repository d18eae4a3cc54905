import PithTensors

/// One axis of one value of a graph.
public struct ValueAxis: Sendable, Hashable {
  public let value: Value
  public let axis: Int

  public init(_ value: Value, _ axis: Int) {
    self.value = value
    self.axis = axis
  }
}

/// Numbers all places of all axes of a graph's values, one behind the other.
struct AxisPlaces {
  /// Axes that are longer, or come after so many places, are never removed from: a small file can
  /// claim large extents.
  static let longestAxis = 1 << 20
  private static let mostPlaces = 1 << 22

  private(set) var axes: [(axis: ValueAxis, start: Int, extent: Int)] = []
  private(set) var count = 0
  private var ranges: [ValueAxis: Range<Int>] = [:]
  private var seen: Set<Value> = []

  init(_ graph: Graph) {
    for value in graph.inputs { add(value, graph) }
    for node in graph.nodes {
      for value in (node.inputs + node.outputs).compactMap(\.self) { add(value, graph) }
    }
  }

  private mutating func add(_ value: Value, _ graph: Graph) {
    guard seen.insert(value).inserted, let shape = graph.type(of: value)?.shape else { return }
    for (axis, extent) in shape.dimensions.enumerated() {
      guard extent <= Self.longestAxis, count + extent <= Self.mostPlaces else { continue }
      let key = ValueAxis(value, axis)
      ranges[key] = count..<(count + extent)
      axes.append((key, count, extent))
      count += extent
    }
  }

  /// The numbers of an axis's places; nil for an axis that is not removed from.
  subscript(axis: ValueAxis) -> Range<Int>? { ranges[axis] }
}
