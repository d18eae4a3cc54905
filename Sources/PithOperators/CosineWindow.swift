public import PithGraph
import PithKernels
public import PithTensors

/// A window of a sum of cosines, `a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N)`, where N is the number
/// of elements, or one less for a window that is not periodic: a conforming type names the
/// coefficients.
///
/// Input: the number of elements, known before running.
public protocol CosineWindow: Operator {
  static var coefficients: (Double, Double, Double) { get }
  var shape: CosineWindowShape { get }
  init(_ shape: CosineWindowShape)
}

/// The attributes that all windows share.
public struct CosineWindowShape: Sendable, Hashable {
  public var isPeriodic: Bool
  public var dtype: DType

  public init(isPeriodic: Bool = true, dtype: DType = .float32) {
    self.isPeriodic = isPeriodic
    self.dtype = dtype
  }
}

/// More elements than this are not made.
private let largestWindow = 1 << 24

extension CosineWindow {
  public init(_ attributes: Attributes) throws(AttributeError) {
    let code = try attributes.int("output_datatype", default: DType.float32.onnxCode)
    guard let dtype = DType(onnxCode: code), dtype.isFloatingPoint else {
      throw .unsupported("a window of elements of type number \(code)")
    }
    self.init(
      CosineWindowShape(
        isPeriodic: try attributes.bool("periodic", default: true), dtype: dtype))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if !shape.isPeriodic { values["periodic"] = .int(0) }
    if shape.dtype != .float32 { values["output_datatype"] = .int(shape.dtype.onnxCode) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let size = try inputs.knownIntegers(0, "the number of elements")
    guard size.count == 1, (0...largestWindow).contains(size[0]) else {
      throw .invalid("a window of \(size.prefix(4)) elements")
    }
    return [Fact(shape.dtype, [.fixed(size[0])])]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let count = try request.output(0).shape.count
    let numbers = cosineWindow(
      count, isPeriodic: shape.isPeriodic, coefficients: Self.coefficients)
    return constantKernel(Tensor(numbers).converted(to: shape.dtype), request)
  }
}
