public import PithGraph
import PithOperators
import PithRuntime
import PithTensors

/// Compares a graph without some channels with the graph in which these are silent, on random
/// inputs.
public struct RemovalCheck: Sendable {
  /// The largest difference of an output, relative to its largest element, that is accepted.
  public static let tolerance: Float = 1e-5

  private let graph: Graph
  private let bound: Graph
  private let seed: UInt64

  /// - Parameters:
  ///   - graph: the graph that nothing was removed from.
  ///   - bound: the same with the known shapes that the channels were found in.
  public init(_ graph: Graph, bound: Graph, seed: UInt64 = 1) {
    self.graph = graph
    self.bound = bound
    self.seed = seed
  }

  /// Throws `StructureError.differs`, naming a node, unless the graphs compute the same.
  public func callAsFunction(_ smaller: Graph, without removal: ChannelRemoval) throws {
    try compare(smaller, with: try graph.masking(removal, bound: bound), removal)
  }

  /// Throws `StructureError.differs`, naming a node, unless a smaller graph computes the same as the
  /// graph in which something is silent.
  ///
  /// - Parameter removal: the channels that are silent, of nodes that both graphs have.
  func compare(
    _ smaller: Graph, with masked: Graph, _ removal: ChannelRemoval = ChannelRemoval()
  ) throws {
    let inputs = try randomInputs()
    let types = inputs.map { TensorType($0.dtype, $0.shape) }
    let masked = try masked.binding(inputs: types)
    let narrowed = try smaller.binding(inputs: types)
    let expected = try Executable(masked).run(inputs)
    let actual = try Executable(narrowed).run(inputs)
    for (index, output) in graph.outputs.enumerated() {
      let difference = Self.difference(actual[index], expected[index])
      guard difference <= Self.tolerance else {
        throw StructureError.differs(
          node: firstDifference(masked, narrowed, inputs, removal) ?? graph.name(of: output),
          difference: difference)
      }
    }
  }

  /// Inputs for a batch of two where the batch is open: normal numbers, and small whole ones.
  private func randomInputs() throws -> [Tensor] {
    let sized = try graph.withKnownShapes(batch: 2)
    var random = Philox(seed: seed, stream: 77)
    return try sized.inputs.map { input in
      guard let type = sized.type(of: input), let shape = type.shape else {
        throw GraphError.invalid("the shape of the input '\(sized.name(of: input))' is not known")
      }
      let numbers = (0..<shape.count).map { _ in
        type.dtype.isFloatingPoint ? random.normal() : Float(random.next() % 2)
      }
      return Tensor(numbers, shape).converted(to: type.dtype)
    }
  }

  /// The largest difference relative to the largest element; infinite where shapes differ or a
  /// number is not finite in one alone.
  private static func difference(_ actual: Tensor, _ expected: Tensor) -> Float {
    guard actual.shape == expected.shape, actual.dtype == expected.dtype else { return .infinity }
    var (largest, difference): (Float, Float) = (0, 0)
    for (a, b) in zip(actual.floats, expected.floats) where a != b && !(a.isNaN && b.isNaN) {
      guard a.isFinite, b.isFinite else { return .infinity }
      difference = max(difference, (a - b).magnitude)
    }
    for number in expected.floats where number.isFinite { largest = max(largest, number.magnitude) }
    return difference == 0 ? 0 : difference / max(largest, .leastNormalMagnitude)
  }

  /// The first node whose remaining places differ.
  private func firstDifference(
    _ masked: Graph, _ narrowed: Graph, _ inputs: [Tensor], _ removal: ChannelRemoval
  ) -> String? {
    for node in graph.nodes where narrowed.node(node.id) != nil {
      guard let output = node.output, graph.type(of: output)?.dtype.isFloatingPoint == true else {
        continue
      }
      var (left, right) = (masked, narrowed)
      left.setOutputs([output])
      right.setOutputs([output])
      left.removeUnused()
      right.removeUnused()
      guard var expected = try? Executable(left).run(inputs)[0],
        let actual = try? Executable(right).run(inputs)[0]
      else { continue }
      for axis in 0..<expected.shape.rank {
        guard let gone = removal.places[ValueAxis(output, axis)] else { continue }
        let kept = Set(0..<expected.shape[axis]).subtracting(gone).sorted()
        expected = expected.selecting(kept, axis: axis)
      }
      if Self.difference(actual, expected) > Self.tolerance { return node.name }
    }
    return nil
  }
}

/// Why channels cannot be removed.
public enum StructureError: Error, CustomStringConvertible {
  /// The smaller network computes something else than the masked one.
  case differs(node: String, difference: Float)

  public var description: String {
    switch self {
    case .differs(let node, let difference):
      "node '\(node)': without the removed channels it differs from the network with these silent "
        + "by \(difference) of its largest element; nothing was written: name it under skip"
    }
  }
}

extension Graph {
  /// The graph without some channels, compared with the graph in which they are silent.
  public func removingChecked(_ removal: ChannelRemoval, of groups: PruningGroups) throws -> Graph {
    let smaller = try removing(removal)
    try RemovalCheck(self, bound: groups.bound)(smaller, without: removal)
    return smaller
  }
}
