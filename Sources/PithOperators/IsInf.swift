public import PithGraph
import PithKernels
public import PithTensors

/// Where x is infinite; either sign can be left out.
public struct IsInf: ElementwiseOperator {
  public static let name = "IsInf"
  public static let examples = [
    Example([.constant(Tensor([1, -.infinity, .infinity] as [Float]))]),
    Example(
      [.constant(Tensor([1, -.infinity, .infinity] as [Double]))], ["detect_negative": .int(0)]),
    Example([.constant(Tensor([-.infinity, .nan] as [Float]))], ["detect_positive": .int(0)]),
  ]
  public let findsNegative: Bool
  public let findsPositive: Bool

  public init(findsNegative: Bool = true, findsPositive: Bool = true) {
    self.findsNegative = findsNegative
    self.findsPositive = findsPositive
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    findsNegative = try attributes.bool("detect_negative", default: true)
    findsPositive = try attributes.bool("detect_positive", default: true)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if !findsNegative { values["detect_negative"] = .int(0) }
    if !findsPositive { values["detect_positive"] = .int(0) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try inferTest(inputs)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (negative, positive) = (findsNegative, findsPositive)
    return try request.input(0).dtype == .float64
      ? unaryKernel(request, as: Double.self) { (x: Double) in
        x.isInfinite && (x < 0 ? negative : positive)
      }
      : unaryKernel(request, as: Float.self) { (x: Float) in
        x.isInfinite && (x < 0 ? negative : positive)
      }
  }
}
