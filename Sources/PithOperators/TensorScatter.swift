public import PithGraph
import PithKernels
public import PithTensors

/// A cache of keys or values with the newest ones written into it.
///
/// Inputs: cache (N, ..., length, ...), update (N, ..., steps, ...), and for each batch entry the
/// position along `axis` at which it begins (0 where absent).
public struct TensorScatter: Operator {
  public enum Mode: String, Sendable, CaseIterable {
    case linear
    /// Beyond the end it goes on at the start.
    case circular
  }

  public static let name = "TensorScatter"
  public static let examples = [
    Example(
      [.random([2, 1, 4, 3]), .random([2, 1, 2, 3]), .constant(Tensor([1, 2] as [Int64]))],
      differentiable: false),
    Example(
      [.random([2, 3, 2]), .random([2, 2, 2]), .constant(Tensor([2, 1] as [Int64]))],
      ["mode": .string("circular")], differentiable: false),
    Example([.random([1, 3, 2]), .random([1, 1, 2])], ["axis": .int(1)], differentiable: false),
  ]

  public let axis: Int
  public let mode: Mode

  public init(axis: Int = -2, mode: Mode = .linear) {
    self.axis = axis
    self.mode = mode
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      axis: try attributes.int("axis", default: -2), mode: try choice(attributes, "mode", .linear))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != -2 { values["axis"] = .int(axis) }
    if mode != .linear { values["mode"] = .string(mode.rawValue) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (cache, update) = (try inputs.required(0), try inputs.required(1))
    guard update.dtype == cache.dtype else { throw .type(input: 1, update.dtype) }
    guard update.rank == cache.rank else {
      throw .rank(input: 1, expected: String(cache.rank), actual: update.rank)
    }
    let axis = try normalize(axis: axis, rank: cache.rank)
    guard axis > 0 else { throw .invalid("axis 0 is that of the batch") }
    for place in 0..<cache.rank {
      guard let have = cache.dimensions[place].size, let new = update.dimensions[place].size else {
        continue
      }
      guard place == axis ? new <= have : new == have else {
        throw .mismatch("an update of \(new) places along axis \(place), where there are \(have)")
      }
    }
    if let positions = inputs.optional(2) {
      guard positions.dtype == .int64 else { throw .type(input: 2, positions.dtype) }
      if let count = DimensionProduct(positions.dimensions).dimension.size,
        let batches = cache.dimensions[0].size, count != batches
      {
        throw .mismatch("\(count) positions for \(batches) batch entries")
      }
    }
    return [Fact(cache.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try cacheUpdateKernel(
      axis: frontAxis(axis, request), circular: mode == .circular, request)
  }
}
