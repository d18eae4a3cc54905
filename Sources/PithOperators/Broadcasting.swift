public import PithGraph
import PithKernels
public import PithTensors

/// The dimensions both operands are stretched to under NumPy's rules.
func broadcast(_ left: [Dimension], _ right: [Dimension]) throws(ShapeError) -> [Dimension] {
  let rank = max(left.count, right.count)
  var result: [Dimension] = []
  for axis in 0..<rank {
    let a = axis - (rank - left.count) >= 0 ? left[axis - (rank - left.count)] : 1
    let b = axis - (rank - right.count) >= 0 ? right[axis - (rank - right.count)] : 1
    switch (a, b) {
    case (1, _): result.append(b)
    case (_, 1): result.append(a)
    case _ where a == b: result.append(a)
    case (.fixed(let x), .fixed(let y)) where x != y:
      throw .mismatch("shapes \(text(left)) and \(text(right)) cannot be stretched to one")
    // A fixed extent other than one decides; the open one must turn out equal.
    case (.fixed, _): result.append(a)
    case (_, .fixed): result.append(b)
    default: result.append(.unknown)
    }
  }
  return result
}

/// Extents as `8x3x?`.
func text(_ dimensions: [Dimension]) -> String {
  dimensions.isEmpty ? "scalar" : dimensions.map(\.description).joined(separator: "x")
}

/// An axis counted from the front, or an error when it is outside `-rank..<rank`.
func normalize(axis: Int, rank: Int) throws(ShapeError) -> Int {
  guard axis >= -rank, axis < max(rank, 1) else {
    throw .invalid("axis \(axis) does not exist in a value of rank \(rank)")
  }
  return axis < 0 ? axis + rank : axis
}

/// Sums a gradient over the axes along which its value was stretched.
///
/// Inputs: the gradient and the value (of which only the type matters).
public struct SumLike: Operator {
  public static let name = "SumLike"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (from, to) = (try request.input(0), try request.output(0))
    if from.shape == to.shape { return copyKernel(request) }
    return try reductionKernel(.sum, request)
  }
}

/// Gives its first input the shape of its second (of which only the type matters).
public struct ReshapeLike: Operator {
  public static let name = "ReshapeLike"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(inputs[0]?.dtype ?? .float32, try inputs.required(1).dimensions)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    reshapeKernel(request)
  }
}

extension Graph {
  /// The gradient of a value that was stretched to the shape of `gradient`.
  mutating func sum(_ gradient: Value, like value: Value) throws(GraphError) -> Value {
    if let from = type(of: gradient), let to = type(of: value), from.dimensions == to.dimensions,
      !from.dimensions.contains(.unknown)
    {
      return gradient
    }
    return try add(SumLike(), gradient, value)
  }
}
