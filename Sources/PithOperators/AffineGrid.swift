public import PithGraph
import PithKernels
import PithTensors

/// The grid by which `GridSample` sees images turned, moved and scaled: each place's coordinates
/// (and a one) times a matrix.
///
/// Inputs: matrices (N, axes, axes + 1) and the extents (N, C, spatial...) of what is to be seen;
/// result (N, spatial..., axes).
public struct AffineGrid: CompositeOperator {
  public static let name = "AffineGrid"
  public static let examples = [
    Example([.random([2, 2, 3]), .constant(Tensor([2, 3, 4, 5] as [Int64]))]),
    Example(
      [.random([1, 3, 4]), .constant(Tensor([1, 1, 2, 3, 2] as [Int64]))],
      ["align_corners": .int(1)]),
  ]

  /// Whether -1 and 1 are the centres of the outermost elements, not their outer edges.
  public let alignsCorners: Bool

  public init(alignsCorners: Bool = false) { self.alignsCorners = alignsCorners }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(alignsCorners: try attributes.bool("align_corners", default: false))
  }

  public var attributes: Attributes { alignsCorners ? ["align_corners": .int(1)] : [:] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let matrices = try inputs.required(0)
    guard matrices.dtype.isFloatingPoint else { throw .type(input: 0, matrices.dtype) }
    guard matrices.rank == 3 else {
      throw .rank(input: 0, expected: "3", actual: matrices.rank)
    }
    let size = try inputs.knownIntegers(1, "the extents")
    let axes = size.count - 2
    guard axes == 2 || axes == 3, size.allSatisfy({ $0 >= 0 && $0 <= Int(Int32.max) }),
      let places = Shape(Array(size.dropFirst(2))).checkedCount, places <= 1 << 28
    else {
      throw .invalid("extents \(size.prefix(8)) of what is to be seen")
    }
    let expected: [Dimension] = [.fixed(size[0]), .fixed(axes), .fixed(axes + 1)]
    for (have, want) in zip(matrices.dimensions, expected) where have.size != nil && have != want {
      throw .mismatch("matrices \(text(matrices.dimensions)), expected \(text(expected))")
    }
    return [
      Fact(
        matrices.dtype,
        [expected[0]] + size.dropFirst(2).map(Dimension.fixed) + [.fixed(axes)])
    ]
  }

  public func expand(_ inputs: [Value?], in graph: inout Graph) throws(GraphError) -> [Value] {
    guard inputs.count == 2, let matrices = inputs[0],
      let size = inputs[1].flatMap({ graph.fact(of: $0)?.integers }), size.count >= 4
    else { throw .invalid("the extents of what is to be seen are not known") }
    let spatial = Shape(Array(size.dropFirst(2)))
    let places = graph.addWeight(
      nil, places(spatial).converted(to: graph.type(of: matrices)?.dtype ?? .float32))
    let grid = try graph.add(
      MatMul(transposesLeft: false, transposesRight: true), places, matrices)
    return [try graph.reshape(grid, to: [size[0]] + spatial.dimensions + [spatial.rank])]
  }

  /// The coordinates of each place, the last axis first, and a one.
  private func places(_ spatial: Shape) -> Tensor {
    let (count, rank) = (spatial.count, spatial.rank)
    let strides = spatial.strides
    var elements: [Float] = []
    elements.reserveCapacity(count * (rank + 1))
    for place in 0..<count {
      for axis in (0..<rank).reversed() {
        let index = Float(place / strides[axis] % spatial[axis])
        let extent = Float(spatial[axis])
        elements.append(
          alignsCorners
            ? (extent > 1 ? 2 * index / (extent - 1) - 1 : -1)
            : (2 * index + 1) / extent - 1)
      }
      elements.append(1)
    }
    return Tensor(elements, [count, rank + 1])
  }
}
