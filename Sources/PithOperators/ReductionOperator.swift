public import PithGraph
public import PithKernels
public import PithTensors

/// An operator that puts together the elements along some axes: a conforming type only names the
/// function.
///
/// Inputs: x, and the axes (absent or empty means all axes, or none where `skipsEmptyAxes`).
public protocol ReductionOperator: Operator {
  static var function: ReductionFunction { get }
  var options: ReductionOptions { get }
  init(_ options: ReductionOptions)
}

/// The attributes that all reductions share.
public struct ReductionOptions: Sendable, Hashable {
  /// Whether reduced axes stay as axes of extent 1.
  public var keepsAxes: Bool
  /// Whether an empty list of axes means that nothing is reduced.
  public var skipsEmptyAxes: Bool

  public init(keepsAxes: Bool = true, skipsEmptyAxes: Bool = false) {
    self.keepsAxes = keepsAxes
    self.skipsEmptyAxes = skipsEmptyAxes
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    keepsAxes = try attributes.bool("keepdims", default: true)
    skipsEmptyAxes = try attributes.bool("noop_with_empty_axes", default: false)
  }

  /// For each axis, whether it is reduced; nil where nothing is (and x is copied).
  func reducedAxes(_ axes: [Int]?, rank: Int) throws(ShapeError) -> [Bool]? {
    guard let axes, !axes.isEmpty else {
      return skipsEmptyAxes ? nil : [Bool](repeating: true, count: rank)
    }
    var reduced = [Bool](repeating: false, count: rank)
    for axis in axes where rank > 0 { reduced[try normalize(axis: axis, rank: rank)] = true }
    return reduced
  }
}

extension ReductionOperator {
  public init(keepsAxes: Bool = true) { self.init(ReductionOptions(keepsAxes: keepsAxes)) }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try ReductionOptions(attributes))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if !options.keepsAxes { values["keepdims"] = .int(0) }
    if options.skipsEmptyAxes { values["noop_with_empty_axes"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard let reduced = try reducedAxes(inputs) else { return [Fact(operand.type)] }
    var dimensions: [Dimension] = []
    for (dimension, reduced) in zip(operand.dimensions, reduced) {
      if !reduced {
        dimensions.append(dimension)
      } else if options.keepsAxes {
        dimensions.append(1)
      }
    }
    return [Fact(operand.dtype, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape, let reduced = try? reducedAxes(inputs) else {
      var links = AxisLinks()
      links.along(inputs, outputs)
      return links
    }
    var links = AxisLinks(reason: "puts the places of this axis together")
    var place = 0
    for axis in 0..<shape.rank {
      if !reduced[axis] {
        links.link(.input(0, axis), .output(0, place), count: shape[axis])
      } else if Self.function.ignoresZeros {
        links.sum(over: .input(0, axis))
      }
      if !reduced[axis] || options.keepsAxes { place += 1 }
    }
    return links
  }

  private func reducedAxes(_ inputs: [Fact?]) throws(ShapeError) -> [Bool]? {
    var axes: [Int]?
    if let fact = inputs.optional(1) {
      guard let known = fact.integers else { throw .notConstant(input: 1, "the axes") }
      axes = known
    }
    return try options.reducedAxes(axes, rank: try inputs.required(0).rank)
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    let reduced: [Bool]?
    do { reduced = try reducedAxes(graph.inputFacts(of: node)) } catch {
      throw .shape(node: node.name, operator: Self.name, error)
    }
    guard let reduced else { return [gradient] }
    return [
      try graph.add(
        ReductionGradient(Self.function, reduced: reduced), gradient, node.inputs[0], node.output)
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let operand = try request.input(0)
    let axes = request.hasInput(1) ? try request.input(1).constant?.integers : nil
    let reduced: [Bool]?
    do { reduced = try options.reducedAxes(axes, rank: operand.shape.rank) } catch {
      throw .unsupported(error.description)
    }
    guard let reduced else { return copyKernel(request) }
    return try reductionKernel(
      Self.function, request, kept: keptShape(of: operand.shape, reduced: reduced))
  }
}

/// The shape with ones in place of the reduced axes.
func keptShape(of shape: Shape, reduced: [Bool]) -> Shape {
  Shape(zip(shape.dimensions, reduced).map { $1 ? 1 : $0 })
}

/// dL/dx of a reduction. Inputs: dL/dy, x, y.
public struct ReductionGradient: Operator {
  public static let name = "ReductionGradient"
  public static let domain = "pith"
  public let function: ReductionFunction
  /// For each axis of x, whether it is reduced.
  public let reduced: [Bool]

  init(_ function: ReductionFunction, reduced: [Bool]) {
    self.function = function
    self.reduced = reduced
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try reductionGradientKernel(
      function, request, kept: keptShape(of: request.input(1).shape, reduced: reduced))
  }
}

extension ReductionFunction {
  /// Whether a zero more or less changes nothing.
  fileprivate var ignoresZeros: Bool {
    switch self {
    case .sum, .absoluteSum, .euclidean, .squareSum, .logarithmOfSum: true
    default: false
    }
  }
}
