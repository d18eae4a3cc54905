import PithGraph
import PithTensors

/// The largest value whose elements are followed through shape arithmetic.
let largestShapeValue = 64

extension Fact {
  /// The elements of a small whole-number scalar or vector, as far as they are known; nil for
  /// values that cannot be part of shape arithmetic.
  var shapeElements: [Dimension]? {
    guard dtype.isInteger, rank <= 1 else { return nil }
    guard let count = rank == 0 ? 1 : dimensions[0].size, count <= largestShapeValue, count >= 0
    else { return nil }
    if let elements, elements.count == count { return elements }
    return [Dimension](repeating: .unknown, count: count)
  }

  /// Whether at least one element is known.
  var hasKnownElements: Bool { elements != nil }
}

extension [Fact?] {
  /// The whole numbers of an input that must be known before running.
  func knownIntegers(_ index: Int, _ what: String) throws(ShapeError) -> [Int] {
    guard let integers = try required(index).integers else {
      throw .notConstant(input: index, what)
    }
    return integers
  }

  /// As `knownIntegers`, nil where the input is absent.
  func optionalIntegers(_ index: Int, _ what: String) throws(ShapeError) -> [Int]? {
    guard optional(index) != nil else { return nil }
    return try knownIntegers(index, what)
  }
}

/// A product of extents of which some may be open: known when the open ones cancel.
struct DimensionProduct {
  private(set) var fixed = 1
  private(set) var open: [Dimension] = []
  private(set) var hasOverflow = false

  init(_ dimensions: some Sequence<Dimension>) {
    for dimension in dimensions { multiply(by: dimension) }
  }

  private mutating func multiply(by dimension: Dimension) {
    guard case .fixed(let size) = dimension else {
      open.append(dimension)
      return
    }
    let (product, overflow) = fixed.multipliedReportingOverflow(by: size)
    fixed = overflow ? Int.max : product
    hasOverflow = hasOverflow || overflow
  }

  /// The product as one extent.
  var dimension: Dimension {
    if hasOverflow { return .unknown }
    if open.isEmpty || fixed == 0 { return .fixed(fixed) }
    if fixed == 1, open.count == 1 { return open[0] }
    return .unknown
  }

  /// Equal named extents in both products are dropped from both.
  mutating func cancel(with other: inout DimensionProduct) {
    for dimension in open where dimension != .unknown {
      guard let here = open.firstIndex(of: dimension),
        let there = other.open.firstIndex(of: dimension)
      else { continue }
      open.remove(at: here)
      other.open.remove(at: there)
    }
  }
}

/// A list of axes counted from the front, each once.
func normalize(axes: [Int], rank: Int) throws(ShapeError) -> [Int] {
  var result: [Int] = []
  for axis in axes {
    let axis = try normalize(axis: axis, rank: rank)
    guard axis < rank, !result.contains(axis) else {
      throw .invalid("axes \(axes.prefix(8)) do not fit a value of rank \(rank)")
    }
    result.append(axis)
  }
  return result
}

extension KernelRequest {
  /// What inference knew of the inputs, now with every extent fixed.
  var inputFacts: [Fact?] {
    inputs.map { operand in
      operand.map { operand in
        operand.constant.map { Fact(constant: $0) }
          ?? Fact(TensorType(operand.dtype, operand.shape))
      }
    }
  }
}

/// Runs inference code at a time when its errors are a kernel's.
func resolving<Result>(_ body: () throws(ShapeError) -> Result) throws(KernelError) -> Result {
  do { return try body() } catch { throw .unsupported(error.description) }
}
