public import PithGraph
import PithKernels
public import PithTensors

/// The attributes that ArgMax and ArgMin share.
public struct ExtremePlaceOptions: Sendable, Hashable {
  public var axis: Int
  /// Whether the axis is kept with extent 1.
  public var keepsAxis: Bool
  /// Whether the last of equal elements is taken, not the first.
  public var takesLast: Bool

  public init(axis: Int = 0, keepsAxis: Bool = true, takesLast: Bool = false) {
    self.axis = axis
    self.keepsAxis = keepsAxis
    self.takesLast = takesLast
  }
}

/// The place of the largest or smallest element along one axis.
public protocol ExtremePlaceOperator: Operator {
  static var isMinimum: Bool { get }
  var options: ExtremePlaceOptions { get }
  init(_ options: ExtremePlaceOptions)
}

extension ExtremePlaceOperator {
  public init(axis: Int = 0, keepsAxis: Bool = true, takesLast: Bool = false) {
    self.init(ExtremePlaceOptions(axis: axis, keepsAxis: keepsAxis, takesLast: takesLast))
  }

  public static var examples: [Example] {
    [
      Example([.random([3, 5])], ["axis": .int(1)], differentiable: false),
      Example(
        [.random([3, 5, 2])], ["axis": .int(-2), "keepdims": .int(0)], differentiable: false),
      Example(
        [.constant(Tensor([1, 3, 3, 1, 2] as [Int32]))], ["select_last_index": .int(1)]),
    ]
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      ExtremePlaceOptions(
        axis: try attributes.int("axis", default: 0),
        keepsAxis: try attributes.bool("keepdims", default: true),
        takesLast: try attributes.bool("select_last_index", default: false)))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if options.axis != 0 { values["axis"] = .int(options.axis) }
    if !options.keepsAxis { values["keepdims"] = .int(0) }
    if options.takesLast { values["select_last_index"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    let axis = try normalize(axis: options.axis, rank: operand.rank)
    var dimensions = operand.dimensions
    guard axis < dimensions.count else { return [Fact(.int64, [])] }
    if options.keepsAxis { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    return [Fact(.int64, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape else { return .none }
    let axis = options.axis < 0 ? options.axis + shape.rank : options.axis
    var links = AxisLinks()
    for place in 0..<shape.rank where place != axis {
      links.link(
        .input(0, place), .output(0, place - (place > axis && !options.keepsAxis ? 1 : 0)),
        count: shape[place])
    }
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try argumentKernel(
      axis: frontAxis(options.axis, request),
      Extremal(isMinimum: Self.isMinimum, takesLast: options.takesLast), request)
  }
}
