import CPithKernels
public import PithTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the elements along reduced axes are put together.
public enum ReductionFunction: Sendable, Hashable {
  case sum, mean, maximum, minimum, product
  /// Sum of magnitudes.
  case absoluteSum
  /// Square root of the sum of squares.
  case euclidean
  case squareSum
  /// Logarithm of the sum.
  case logarithmOfSum
  /// Logarithm of the sum of e^x.
  case logarithmOfExponentialSum

  var kernel: pith_reduction {
    switch self {
    case .sum: PITH_REDUCE_SUM
    case .mean: PITH_REDUCE_MEAN
    case .maximum: PITH_REDUCE_MAXIMUM
    case .minimum: PITH_REDUCE_MINIMUM
    case .product: PITH_REDUCE_PRODUCT
    case .absoluteSum: PITH_REDUCE_ABSOLUTE_SUM
    case .euclidean: PITH_REDUCE_EUCLIDEAN
    case .squareSum: PITH_REDUCE_SQUARE_SUM
    case .logarithmOfSum: PITH_REDUCE_LOG_SUM
    case .logarithmOfExponentialSum: PITH_REDUCE_LOG_SUM_EXP
    }
  }
}

/// Output 0 is input 0 reduced along every axis on which the output (with leading ones up to the
/// input's rank; reduced axes kept as ones) has extent 1. `kept` is the output's shape with the
/// reduced axes kept, where they were dropped.
///
/// float32 sums are taken in double precision and do not depend on the number of threads.
public func reductionKernel(
  _ function: ReductionFunction, _ request: KernelRequest, kept: Shape? = nil
) throws(KernelError) -> KernelPlan {
  let (operand, result) = (try request.input(0), try request.output(0))
  let rank = max(operand.shape.rank, 1)
  let (full, target) = (
    operand.shape.padded(to: rank), (kept ?? result.shape).padded(to: rank)
  )
  switch operand.dtype {
  case .float32:
    guard full.count > 0, let shape = pith_reduction_shape(full, to: target) else {
      return try looseReductionKernel(function, request, full, target, as: Float.self)
    }
    return KernelPlan(
      inputs: request.plainFirstInput, outputs: request.plainOutputs,
      scratchBytes: pith_reduce_scratch(shape) * MemoryLayout<Double>.stride,
      implementation: "c:reduction"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let y = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Double.self)
      return { pith_reduce(function.kernel, shape, x, y, scratch) }
    }
  case .float64: return try looseReductionKernel(function, request, full, target, as: Double.self)
  case .int64: return try looseReductionKernel(function, request, full, target, as: Int64.self)
  case .int32: return try looseReductionKernel(function, request, full, target, as: Int32.self)
  case .uint64: return try looseReductionKernel(function, request, full, target, as: UInt64.self)
  case .uint32: return try looseReductionKernel(function, request, full, target, as: UInt32.self)
  case .uint8: return try looseReductionKernel(function, request, full, target, as: UInt8.self)
  case .int8: return try looseReductionKernel(function, request, full, target, as: Int8.self)
  case .bool where function == .maximum || function == .minimum:
    return try looseReductionKernel(function, request, full, target, as: UInt8.self)
  case let other: throw .unsupported("reduction of \(other.rawValue) elements")
  }
}

/// dL/dx of a reduction. Inputs: dL/dy, x, y; output: dL/dx. `kept` as for `reductionKernel`.
public func reductionGradientKernel(
  _ function: ReductionFunction, _ request: KernelRequest, kept: Shape
) throws(KernelError) -> KernelPlan {
  let operand = try request.input(1)
  let rank = max(operand.shape.rank, 1)
  guard operand.dtype == .float32 else {
    throw .unsupported("gradient of \(operand.dtype.rawValue) elements")
  }
  guard operand.shape.count > 0 else { return emptyKernel(request) }
  let (full, target) = (operand.shape.padded(to: rank), kept.padded(to: rank))
  guard let shape = pith_reduction_shape(full, to: target) else {
    return try looseGradientKernel(function, request, full, target)
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:reduction"
  ) { buffers in
    let upstream = UnsafePointer(buffers.input(0, as: Float.self))
    let x = UnsafePointer(buffers.input(1, as: Float.self))
    let y = UnsafePointer(buffers.input(2, as: Float.self))
    let gradient = buffers.output(0, as: Float.self)
    return { pith_reduce_gradient(function.kernel, shape, upstream, x, y, gradient) }
  }
}

extension pith_reduction_shape {
  /// Neighbouring axes put together to (outer, kept, reduced, inner); nil where kept and reduced
  /// axes alternate more often.
  init?(_ full: Shape, to target: Shape) {
    var groups: [(reduced: Bool, extent: Int)] = []
    for axis in 0..<full.rank where full[axis] != 1 {
      let reduced = target[axis] == 1
      if let last = groups.indices.last, groups[last].reduced == reduced {
        groups[last].extent *= full[axis]
      } else {
        groups.append((reduced, full[axis]))
      }
    }
    var extents = [1, 1, 1, 1]
    var slot = 3
    for group in groups.reversed() {
      if (slot % 2 == 0) != group.reduced { slot -= 1 }
      guard slot >= 0 else { return nil }
      extents[slot] = group.extent
      slot -= 1
    }
    self.init(outer: extents[0], kept: extents[1], reduced: extents[2], inner: extents[3])
  }
}

/// Numbers that can be reduced one by one.
private protocol Reducible: TensorElement, Comparable, Numeric {
  static func quotient(_ total: Self, _ count: Int) -> Self
  static func root(_ total: Self) -> Self
  static func logarithm(_ total: Self) -> Self
  /// log(e^a + e^b).
  static func logarithmicSum(_ a: Self, _ b: Self) -> Self
  static func wrappingSum(_ a: Self, _ b: Self) -> Self
  static func wrappingProduct(_ a: Self, _ b: Self) -> Self
  static func wrappingMagnitude(_ a: Self) -> Self
  static var lowest: Self { get }
  static var highest: Self { get }
}

extension Reducible where Self: BinaryFloatingPoint {
  static func quotient(_ total: Self, _ count: Int) -> Self { total / Self(count) }
  static func root(_ total: Self) -> Self { total.squareRoot() }
  static func logarithm(_ total: Self) -> Self { Self(log(Double(total))) }
  static func logarithmicSum(_ a: Self, _ b: Self) -> Self {
    if b == -.infinity { return a }
    let (x, y) = (Double(a), Double(b))
    return Self(max(x, y) + log1p(exp(-(x - y).magnitude)))
  }
  static func wrappingSum(_ a: Self, _ b: Self) -> Self { a + b }
  static func wrappingProduct(_ a: Self, _ b: Self) -> Self { a * b }
  static func wrappingMagnitude(_ a: Self) -> Self { a.magnitude }
  static var lowest: Self { -.infinity }
  static var highest: Self { .infinity }
}

extension Reducible where Self: FixedWidthInteger {
  static func quotient(_ total: Self, _ count: Int) -> Self {
    Self(truncatingIfNeeded: count == 0 ? 0 : Int(truncatingIfNeeded: total) / count)
  }
  static func root(_ total: Self) -> Self {
    Self(truncatingIfNeeded: Int64(Double(total < 0 ? 0 : total).squareRoot()))
  }
  static func logarithm(_ total: Self) -> Self { total > 0 ? whole(log(Double(total))) : .min }
  static func logarithmicSum(_ a: Self, _ b: Self) -> Self {
    whole(Double(Swift.max(a, b)) + log1p(exp(-(Double(a) - Double(b)).magnitude)))
  }
  private static func whole(_ x: Double) -> Self { Self(exactly: x.rounded(.towardZero)) ?? .max }
  static func wrappingSum(_ a: Self, _ b: Self) -> Self { a &+ b }
  static func wrappingProduct(_ a: Self, _ b: Self) -> Self { a &* b }
  static func wrappingMagnitude(_ a: Self) -> Self { a < 0 ? 0 &- a : a }
  static var lowest: Self { .min }
  static var highest: Self { .max }
}

extension Float: Reducible {}
extension Double: Reducible {}
extension Int64: Reducible {}
extension Int32: Reducible {}
extension Int8: Reducible {}
extension UInt64: Reducible {}
extension UInt32: Reducible {}
extension UInt8: Reducible {}

/// Any arrangement of axes, element by element.
private func looseReductionKernel<Element: Reducible>(
  _ function: ReductionFunction, _ request: KernelRequest, _ full: Shape, _ target: Shape,
  as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let places = BroadcastIndex(target, to: full).places
  let (count, outputs) = (full.count, target.count)
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Element.self)
    return {
      for place in 0..<outputs { y[place] = firstValue(function) }
      for index in 0..<count {
        let place = Int(places[index])
        y[place] = combine(function, y[place], x[index])
      }
      for place in 0..<outputs {
        switch function {
        case .mean: y[place] = .quotient(y[place], outputs == 0 ? 0 : count / outputs)
        case .euclidean: y[place] = .root(y[place])
        case .logarithmOfSum: y[place] = .logarithm(y[place])
        default: break
        }
      }
    }
  }
}

/// The gradient for any arrangement of axes, element by element.
private func looseGradientKernel(
  _ function: ReductionFunction, _ request: KernelRequest, _ full: Shape, _ target: Shape
) throws(KernelError) -> KernelPlan {
  let places = BroadcastIndex(target, to: full).places
  let (count, outputs) = (full.count, target.count)
  // Per output: how many elements are extreme (or zero, in a product), and the other factors.
  let factors = MemoryLayout<Double>.stride * outputs
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, scratchBytes: 2 * factors,
    implementation: "reference"
  ) { buffers in
    let upstream = buffers.input(0, as: Float.self)
    let x = buffers.input(1, as: Float.self)
    let y = buffers.input(2, as: Float.self)
    let gradient = buffers.output(0, as: Float.self)
    let special = buffers.scratch!.assumingMemoryBound(to: Double.self)
    let others = special + outputs
    let isProduct = function == .product
    return {
      for place in 0..<outputs { (special[place], others[place]) = (0, 1) }
      for index in 0..<count {
        let place = Int(places[index])
        if x[index] == (isProduct ? 0 : y[place]) {
          special[place] += 1
        } else {
          others[place] *= Double(x[index])
        }
      }
      for index in 0..<count {
        let place = Int(places[index])
        gradient[index] = elementGradient(
          function, upstream[place], x[index], y[place], special: special[place],
          others: others[place], depth: count / outputs)
      }
    }
  }
}

private func elementGradient(
  _ function: ReductionFunction, _ upstream: Float, _ x: Float, _ y: Float, special: Double,
  others: Double, depth: Int
) -> Float {
  switch function {
  case .sum: upstream
  case .mean: upstream / Float(depth)
  case .maximum, .minimum: x == y ? upstream / Float(special) : 0
  case .product:
    switch special {
    case 0: Float(Double(upstream) * others / Double(x))
    case 1: x == 0 ? Float(Double(upstream) * others) : 0
    default: 0
    }
  case .absoluteSum: x > 0 ? upstream : x < 0 ? -upstream : 0
  case .euclidean: y > 0 ? upstream * x / y : 0
  case .squareSum: 2 * upstream * x
  case .logarithmOfSum: upstream * exp(-y)
  case .logarithmOfExponentialSum: upstream * exp(x - y)
  }
}

private func firstValue<Element: Reducible>(_ function: ReductionFunction) -> Element {
  switch function {
  case .maximum, .logarithmOfExponentialSum: .lowest
  case .minimum: .highest
  case .product: 1
  default: 0
  }
}

@inline(__always)
private func combine<Element: Reducible>(
  _ function: ReductionFunction, _ total: Element, _ x: Element
) -> Element {
  switch function {
  case .sum, .mean, .logarithmOfSum: .wrappingSum(total, x)
  case .maximum: x > total || x != x ? x : total
  case .minimum: x < total || x != x ? x : total
  case .product: .wrappingProduct(total, x)
  case .logarithmOfExponentialSum: .logarithmicSum(total, x)
  case .absoluteSum: .wrappingSum(total, .wrappingMagnitude(x))
  case .euclidean, .squareSum: .wrappingSum(total, .wrappingProduct(x, x))
  }
}

extension KernelRequest {
  /// A row-major layout for input 0; the others are not read while running.
  var plainFirstInput: [Layout?] {
    plainInputs.enumerated().map { $0.offset == 0 ? $0.element : nil }
  }
}

/// A kernel for values without elements.
func emptyKernel(_ request: KernelRequest) -> KernelPlan {
  KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "empty"
  ) { _ in {} }
}
