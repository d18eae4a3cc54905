public import PithTensors

/// One kind of computation: what its attributes are, how its outputs' types follow from its
/// inputs', what it costs, how it is differentiated and how it runs. A value: attributes included.
public protocol Operator: Sendable, Hashable {
  /// The ONNX name where one exists.
  static var name: String { get }
  /// The ONNX domain: empty for the standard operators, `pith` for our own.
  static var domain: String { get }
  /// Small instances that drive the test suite common to all operators.
  static var examples: [Example] { get }

  init(_ attributes: Attributes) throws(AttributeError)
  /// The kind's name; only an operator that is not known here has one per instance.
  var name: String { get }
  /// The attributes as ONNX writes them (at `Attributes.currentOpset`), defaults left out.
  var attributes: Attributes { get }

  /// The facts about the outputs. `inputs` holds nil where an optional input is absent.
  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact]
  /// Multiply-accumulates and the like; zero for what only moves or rescales values.
  func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost
  /// Which axes of the inputs and outputs move together when places of them are removed. All shapes
  /// are known.
  func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks
  /// The operator, and its constant inputs, once places of its axes are removed as its links allow;
  /// some extents may be open.
  func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed
  /// What an input stands for when it is a weight; nil for data.
  func role(ofInput index: Int) -> WeightRole?
  /// Adds the nodes that compute the gradient of the loss with respect to each input.
  ///
  /// - Parameters:
  ///   - upstream: the gradient with respect to each output, nil where none reaches it.
  ///   - wanted: whether the gradient of each input is needed; the rest may be left nil.
  func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?]
  /// A kernel for fixed shapes.
  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan
}

extension Operator {
  public static var domain: String { "" }
  public static var examples: [Example] { [] }
  public var attributes: Attributes { [:] }
  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost { Cost() }
  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks { .none }
  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed { Narrowed(self) }
  public func role(ofInput index: Int) -> WeightRole? { nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    throw .notDifferentiable(node: node.name, operator: Self.name)
  }

  public var name: String { Self.name }
}

/// What one execution of a node takes.
public struct Cost: Sendable, Hashable {
  /// Multiply-accumulate operations.
  public var macs: Int

  public init(macs: Int = 0) { self.macs = macs }
}

/// What a constant input of an operator is to it.
public enum WeightRole: Sendable, Hashable {
  /// Multiplies data and is what pruning, sharing and quantization work on.
  case weight
  case bias
  /// The scale or shift of a normalisation, or a slope: trained, without weight decay.
  case normalization
  /// A running mean or variance: kept up to date by training, not by gradients.
  case statistic
}

/// A small instance of an operator with inputs to try it on.
public struct Example: Sendable {
  public enum Input: Sendable {
    /// Uniform in `low...high` (drawn from a fixed seed), float32.
    case random(Shape, low: Float = -1, high: Float = 1)
    /// Known before running; not differentiated.
    case constant(Tensor)
    case absent
  }

  public var attributes: Attributes
  public var inputs: [Input]
  public var outputCount: Int
  /// Whether the gradient is checked against finite differences.
  public var differentiable: Bool

  public init(
    _ inputs: [Input], _ attributes: Attributes = [:], outputCount: Int = 1,
    differentiable: Bool = true
  ) {
    self.attributes = attributes
    self.inputs = inputs
    self.outputCount = outputCount
    self.differentiable = differentiable
  }
}
