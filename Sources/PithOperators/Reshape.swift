public import PithGraph
import PithKernels
public import PithTensors

/// The same elements, row by row, under another shape.
///
/// Inputs: data and the target shape, in which 0 keeps the extent at that place (unless
/// `allowzero`) and one -1 takes what is left.
public struct Reshape: Operator {
  public static let name = "Reshape"
  public static let examples = [
    Example([.random([2, 3, 4]), .constant(Tensor([6, 4] as [Int64]))]),
    Example([.random([2, 3, 4]), .constant(Tensor([0, -1] as [Int64]))]),
    Example([.random([2, 3, 4]), .constant(Tensor([4, 0, 2, 1] as [Int64]))]),
    Example([.random([]), .constant(Tensor([1, 1] as [Int64]))]),
    Example([.random([1, 1]), .constant(Tensor([] as [Int64]))]),
    Example(
      [.random([3, 0]), .constant(Tensor([0, 7] as [Int64]))], ["allowzero": .int(1)],
      differentiable: false),
  ]

  public let allowZero: Bool

  public init(allowZero: Bool = false) { self.allowZero = allowZero }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(allowZero: try attributes.bool("allowzero", default: false))
  }

  public var attributes: Attributes { allowZero ? ["allowzero": .int(1)] : [:] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, shape) = (try inputs.required(0), try inputs.required(1))
    guard shape.dtype == .int64 else { throw .type(input: 1, shape.dtype) }
    guard shape.rank == 1 else { throw .rank(input: 1, expected: "1", actual: shape.rank) }
    let target: [Dimension]
    if let integers = shape.integers {
      target = integers.map(Dimension.fixed)
    } else if let elements = shape.shapeElements {
      target = elements
    } else {
      throw .notConstant(input: 1, "the target shape")
    }
    var fact = Fact(data.dtype, try resolve(target, from: data.dimensions))
    if fact.rank <= 1 { fact.elements = data.elements }
    return [fact]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.reshape(inputs, outputs)
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let after = narrowing.dimensions(of: .output(0)),
      let data = narrowing.inputs.optional(0), let result = narrowing.outputs.optional(0)
    else { return Narrowed(self) }
    var target: [Int64] = []
    for (axis, dimension) in after.enumerated() {
      if let size = dimension.size {
        target.append(Int64(size))
      } else if !allowZero, axis < data.rank, data.dimensions[axis] == result.dimensions[axis],
        case .named = dimension
      {
        target.append(0)
      } else {
        target.append(-1)
      }
    }
    guard target.count(where: { $0 == -1 }) <= 1 else {
      throw .invalid("more than one extent of the target shape is open")
    }
    return Narrowed(self, constants: [1: Tensor(target)])
  }

  /// The target with zeros and -1 replaced by the extents they stand for.
  private func resolve(_ target: [Dimension], from source: [Dimension]) throws(ShapeError)
    -> [Dimension]
  {
    var result = target
    var kept: Set<Int> = []
    var free: [Int] = []
    for (place, extent) in target.enumerated() {
      switch extent {
      case 0 where !allowZero:
        guard place < source.count else {
          throw .invalid("a target extent of 0 at place \(place) has nothing to keep")
        }
        result[place] = source[place]
        kept.insert(place)
      case -1, .unknown: free.append(place)
      case .fixed(let size) where size < 0: throw .invalid("a target extent of \(size)")
      default: break
      }
    }
    guard target.filter({ $0 == -1 }).count <= 1 else {
      throw .invalid("more than one extent of -1 in the target shape")
    }
    var have = DimensionProduct(source.indices.filter { !kept.contains($0) }.map { source[$0] })
    var want = DimensionProduct(
      result.indices.filter { !kept.contains($0) && !free.contains($0) }.map { result[$0] })
    have.cancel(with: &want)
    for place in free { result[place] = .unknown }
    if have.hasOverflow || want.hasOverflow { throw .invalid("the shape has too many elements") }
    let mismatch = ShapeError.mismatch(
      "\(text(source)) cannot be given the shape \(text(target))")
    if free.isEmpty {
      if have.open.isEmpty, want.open.isEmpty, have.fixed != want.fixed { throw mismatch }
    } else if free.count == 1, want.open.isEmpty {
      guard want.fixed != 0 else {
        if target[free[0]] == -1 { throw mismatch }
        return result
      }
      if have.open.isEmpty {
        guard have.fixed % want.fixed == 0 else { throw mismatch }
        result[free[0]] = .fixed(have.fixed / want.fixed)
      } else if have.fixed == want.fixed, have.open.count == 1 {
        result[free[0]] = have.open[0]
      }
    }
    return result
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    [try graph.reshape(upstream[0], like: node.inputs[0]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    reshapeKernel(request)
  }
}

extension Graph {
  /// The gradient of a value whose shape alone was changed.
  mutating func reshape(_ gradient: Value?, like value: Value?) throws(GraphError) -> Value? {
    guard let gradient, let value else { return nil }
    return try add(ReshapeLike(), gradient, value)
  }
}
