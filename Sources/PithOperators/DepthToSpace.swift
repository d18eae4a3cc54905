public import PithGraph
import PithKernels
public import PithTensors

/// Moves channels into blocks of space: (N, C b^2, H, W) becomes (N, C, H b, W b). `DCR` takes the
/// channel as (row, column, c), `CRD` as (c, row, column).
public struct DepthToSpace: Operator {
  public enum Mode: String, Sendable, CaseIterable {
    case depthColumnRow = "DCR"
    case columnRowDepth = "CRD"
  }

  public static let name = "DepthToSpace"
  public static let examples = [
    Example([.random([2, 8, 2, 3])], ["blocksize": .int(2)]),
    Example([.random([1, 9, 2, 2])], ["blocksize": .int(3), "mode": .string("CRD")]),
    Example([.random([1, 12, 2, 1])], ["blocksize": .int(2), "mode": .string("CRD")]),
  ]

  public let blockSize: Int
  public let mode: Mode

  public init(blockSize: Int, mode: Mode = .depthColumnRow) {
    self.blockSize = blockSize
    self.mode = mode
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let name = try attributes.string("mode", default: Mode.depthColumnRow.rawValue)
    guard let mode = Mode(rawValue: name) else { throw .invalid("mode", value: name) }
    self.init(blockSize: try blockSizeAttribute(attributes), mode: mode)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = ["blocksize": .int(blockSize)]
    if mode != .depthColumnRow { values["mode"] = .string(mode.rawValue) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank == 4 else { throw .rank(input: 0, expected: "4", actual: data.rank) }
    var channels = Dimension.unknown
    if let size = data.dimensions[1].size {
      guard size % (blockSize * blockSize) == 0 else {
        throw .mismatch("\(size) channels cannot fill blocks of \(blockSize)x\(blockSize)")
      }
      channels = .fixed(size / (blockSize * blockSize))
    }
    var dimensions = [data.dimensions[0], channels]
    for dimension in data.dimensions[2...] {
      dimensions.append(DimensionProduct([dimension, .fixed(blockSize)]).dimension)
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let result = outputs.optional(0)?.type.shape else { return .none }
    let (channels, block) = (result[1], blockSize * blockSize)
    var links = AxisLinks()
    links.link(.input(0, 0), .output(0, 0), count: result[0])
    links.link(
      .input(0, 1), .output(0, 1),
      (0..<block).map { place in
        mode == .depthColumnRow
          ? AxisLink.Run(place * channels, 0, count: channels)
          : AxisLink.Run(place, 0, count: channels, firstStep: block)
      })
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(DepthToSpaceGradient(self), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try regionsKernel(request, [region(deep: request.input(0).shape)])
  }

  /// From the value with many channels, `deep`, to the one with much space.
  func region(deep: Shape) -> Region {
    let (b, height, width) = (blockSize, deep[2], deep[3])
    let (channels, plane) = (deep[1] / (b * b), height * width)
    // Axes of the copy: image, channel, row, row in block, column, column in block.
    let (channel, row, column) =
      mode == .depthColumnRow
      ? (plane, b * channels * plane, channels * plane) : (b * b * plane, b * plane, plane)
    return Region(
      extents: [deep[0], channels, height, b, width, b],
      from: .init(strides: [deep[1] * plane, channel, width, row, 1, column]),
      to: .init(
        strides: [
          deep[1] * plane, b * b * plane, b * b * width, b * width, b, 1,
        ]))
  }
}

/// dL/d(data) of a `DepthToSpace`. Inputs: dL/dy, data (of which only the type matters).
public struct DepthToSpaceGradient: Operator {
  public static let name = "DepthToSpaceGradient"
  public static let domain = "pith"
  let forward: DepthToSpace

  init(_ forward: DepthToSpace) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try DepthToSpace(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try regionsKernel(request, [forward.region(deep: request.output(0).shape).reversed])
  }
}

extension Region {
  /// The copy in the other direction.
  var reversed: Region { Region(extents: extents, from: target, to: source) }
}

/// `blocksize`, small enough to be squared.
func blockSizeAttribute(_ attributes: Attributes) throws(AttributeError) -> Int {
  let size = try attributes.int("blocksize")
  guard size >= 1, size <= 1 << 15 else { throw .invalid("blocksize", value: String(size)) }
  return size
}
