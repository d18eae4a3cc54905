public import PithGraph
import PithKernels
public import PithTensors

/// Moves blocks of space into channels: (N, C, H b, W b) becomes (N, b^2 C, H, W), the channel
/// counting as (row, column, c).
public struct SpaceToDepth: Operator {
  public static let name = "SpaceToDepth"
  public static let examples = [
    Example([.random([2, 2, 4, 6])], ["blocksize": .int(2)]),
    Example([.random([1, 1, 3, 3])], ["blocksize": .int(3)]),
  ]

  public let blockSize: Int

  public init(blockSize: Int) { self.blockSize = blockSize }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(blockSize: try blockSizeAttribute(attributes))
  }

  public var attributes: Attributes { ["blocksize": .int(blockSize)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank == 4 else { throw .rank(input: 0, expected: "4", actual: data.rank) }
    var dimensions = [
      data.dimensions[0],
      DimensionProduct([data.dimensions[1], .fixed(blockSize * blockSize)]).dimension,
    ]
    for dimension in data.dimensions[2...] {
      guard let size = dimension.size else {
        dimensions.append(blockSize == 1 ? dimension : .unknown)
        continue
      }
      guard size % blockSize == 0 else {
        throw .mismatch("an extent of \(size) cannot be cut into blocks of \(blockSize)")
      }
      dimensions.append(.fixed(size / blockSize))
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    links.link(.input(0, 0), .output(0, 0), count: data[0])
    links.link(
      .output(0, 1), .input(0, 1),
      (0..<(blockSize * blockSize)).map { AxisLink.Run($0 * data[1], 0, count: data[1]) })
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(DepthToSpace(blockSize: blockSize), gradient)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let deep = try request.output(0).shape
    return try regionsKernel(
      request, [DepthToSpace(blockSize: blockSize).region(deep: deep).reversed])
  }
}
