public import PithGraph
public import PithKernels
public import PithTensors

/// Whether indices that name single elements fit data, and the axis that they replace counted from
/// the front.
func inferElementPlaces(data: Fact, indices: Fact, axis: Int) throws(ShapeError) -> Int {
  guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
  guard indices.dtype == .int64 || indices.dtype == .int32 else {
    throw .type(input: 1, indices.dtype)
  }
  guard indices.rank == data.rank else {
    throw .rank(input: 1, expected: String(data.rank), actual: indices.rank)
  }
  let axis = try normalize(axis: axis, rank: data.rank)
  for place in 0..<data.rank where place != axis {
    if let have = data.dimensions[place].size, let wanted = indices.dimensions[place].size,
      wanted > have
    {
      throw .mismatch("\(wanted) indices along axis \(place), where the data has \(have) places")
    }
  }
  return axis
}

/// Whether indices that are tuples fit data: the dimensions of what they name, all of them.
func inferTuplePlaces(data: Fact, indices: Fact, batchAxes: Int) throws(ShapeError) -> [Dimension] {
  guard indices.dtype == .int64 || indices.dtype == .int32 else {
    throw .type(input: 1, indices.dtype)
  }
  guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
  guard indices.rank > 0 else { throw .rank(input: 1, expected: "1 or more", actual: 0) }
  guard batchAxes >= 0, batchAxes < indices.rank, batchAxes < data.rank else {
    throw .invalid("\(batchAxes) batch axes in a value of rank \(data.rank)")
  }
  for axis in 0..<batchAxes {
    if let left = data.dimensions[axis].size, let right = indices.dimensions[axis].size,
      left != right
    {
      throw .mismatch("\(left) and \(right) batches along axis \(axis)")
    }
  }
  guard let depth = indices.dimensions[indices.rank - 1].size else {
    throw .invalid("the length of the index tuples is not known")
  }
  guard depth >= 1, depth <= data.rank - batchAxes else {
    throw .mismatch("index tuples of \(depth) numbers for data of rank \(data.rank)")
  }
  return indices.dimensions.dropLast() + data.dimensions[(batchAxes + depth)...]
}

/// dL/d(data) of a gather: the gradients of all places that read an element, added up.
///
/// Inputs: dL/dy, indices, data (of which only the type matters).
public struct IndexedSum: Operator {
  public static let name = "IndexedSum"
  public static let domain = "pith"
  public let places: IndexedPlaces

  init(_ places: IndexedPlaces) { self.places = places }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try putKernel(places, .add, request, data: nil, updates: 0)
  }
}

/// dL/d(data) of a scatter that replaces: dL/dy with zeros at the places that were written.
///
/// Inputs: dL/dy, indices.
public struct IndexedClear: Operator {
  public static let name = "IndexedClear"
  public static let domain = "pith"
  public let places: IndexedPlaces

  init(_ places: IndexedPlaces) { self.places = places }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try putKernel(places, .clear, request)
  }
}

/// The word of a scatter's `reduction` attribute.
enum ScatterReduction: String, CaseIterable {
  case none
  case add
  case mul
  case max
  case min

  var function: ScatterFunction {
    switch self {
    case .none: .set
    case .add: .add
    case .mul: .multiply
    case .max: .maximum
    case .min: .minimum
    }
  }
}

extension ScatterFunction {
  init(_ attributes: Attributes) throws(AttributeError) {
    self = try choice(attributes, "reduction", ScatterReduction.none).function
  }

  /// The value of `reduction`, nil for the default.
  var attribute: AttributeValue? {
    self == .set
      ? nil
      : ScatterReduction.allCases.first { $0.function == self }.map { .string($0.rawValue) }
  }
}

extension Graph {
  /// The gradients of data and updates of a scatter; `take` reads the places that were written.
  mutating func scatterGradient(
    of node: Node, _ places: IndexedPlaces, _ function: ScatterFunction, take: any Operator,
    upstream: Value?, wanted: [Bool]
  ) throws(GraphError) -> [Value?] {
    guard let upstream, let indices = node.inputs[1] else { return [nil, nil, nil] }
    guard function == .set || function == .add else {
      throw .notDifferentiable(node: node.name, operator: node.operator.name)
    }
    var results: [Value?] = [nil, nil, nil]
    if wanted[0] {
      results[0] =
        function == .add ? upstream : try add(IndexedClear(places), upstream, indices)
    }
    if wanted[2] { results[2] = try add(take, upstream, indices) }
    return results
  }
}
