public import PithGraph
import PithKernels
public import PithTensors

/// The running totals along an axis, which input 1 gives; CumSum and CumProd.
public protocol AccumulationOperator: Operator {
  static var multiplies: Bool { get }
  /// Whether an element is left out of its own total.
  var isExclusive: Bool { get }
  /// Whether totals run from the end of the axis.
  var isReversed: Bool { get }
  init(isExclusive: Bool, isReversed: Bool)
}

extension AccumulationOperator {
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      isExclusive: try attributes.bool("exclusive", default: false),
      isReversed: try attributes.bool("reverse", default: false))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if isExclusive { values["exclusive"] = .int(1) }
    if isReversed { values["reverse"] = .int(1) }
    return Attributes(values)
  }

  private func axis(_ inputs: [Fact?]) throws(ShapeError) -> Int {
    let data = try inputs.required(0)
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try inputs.knownIntegers(1, "the axis")
    guard axis.count == 1 else { throw .mismatch("\(axis.count) axes, expected one") }
    return try normalize(axis: axis[0], rank: data.rank)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    _ = try axis(inputs)
    return [Fact(try inputs.required(0).type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let axis = try? axis(inputs) else { return .none }
    var links = AxisLinks()
    links.along(inputs, outputs, except: [axis], because: "adds up along this axis")
    return links
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let axis = try resolving { () throws(ShapeError) in try self.axis(request.inputFacts) }
    return try accumulationKernel(
      axis: axis,
      Accumulation(multiplies: Self.multiplies, isExclusive: isExclusive, isReversed: isReversed),
      request)
  }
}
