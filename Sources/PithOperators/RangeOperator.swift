public import PithGraph
import PithKernels
public import PithTensors

/// The numbers start, start + delta, ... up to (not including) limit. Inputs: start, limit, delta.
public struct RangeOperator: Operator {
  public static let name = "Range"
  public static let examples = [
    example(Int64(3), Int64(11), Int64(3)),
    example(Int32(10), Int32(4), Int32(-2)),
    example(Float(0), Float(1), Float(0.25)),
    example(Int64(2), Int64(2), Int64(1)),
  ]

  private static func example<Element: TensorElement>(
    _ start: Element, _ limit: Element, _ delta: Element
  ) -> Example {
    Example(
      [start, limit, delta].map { .constant(Tensor(scalar: $0)) }, differentiable: false)
  }

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let facts = (try inputs.required(0), try inputs.required(1), try inputs.required(2))
    let dtype = facts.0.dtype
    for (index, fact) in [facts.1, facts.2].enumerated() where fact.dtype != dtype {
      throw .type(input: index + 1, fact.dtype)
    }
    guard dtype.isInteger || dtype == .float32 || dtype == .float64 else {
      throw .type(input: 0, dtype)
    }
    // Up to a named extent, one by one.
    if case .named = facts.1.shapeElements?.first, facts.0.integers == [0], facts.2.integers == [1]
    {
      return [Fact(dtype, [facts.1.shapeElements![0]])]
    }
    guard let terms = Self.terms(inputs) else { return [Fact(dtype, [.unknown])] }
    let count = try Self.count(terms)
    var fact = Fact(dtype, [.fixed(count)])
    if dtype.isInteger, count <= largestShapeValue {
      fact.elements = (0..<count).map { place in
        Int(exactly: terms.start + Double(place) * terms.delta).map(Dimension.fixed) ?? .unknown
      }
    }
    return [fact]
  }

  private typealias Terms = (start: Double, limit: Double, delta: Double)

  private static func terms(_ inputs: [Fact?]) -> Terms? {
    var numbers: [Double] = []
    for input in inputs.prefix(3) {
      if let integer = input?.integers?.first {
        numbers.append(Double(integer))
      } else if let number = input?.constant?.doubles.first {
        numbers.append(number)
      }
    }
    return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
  }

  private static func count(_ terms: Terms) throws(ShapeError) -> Int {
    let count = ((terms.limit - terms.start) / terms.delta).rounded(.up)
    guard terms.delta != 0, count.isFinite, count <= 0x1p40, terms.start.magnitude <= 0x1p52,
      terms.delta.magnitude <= 0x1p52 || count < 2
    else { throw .invalid("a range from \(terms.start) to \(terms.limit) by \(terms.delta)") }
    return count > 0 ? Int(count) : 0
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil, nil, nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let result = try request.output(0)
    guard let terms = Self.terms(request.inputFacts) else {
      throw .unsupported("a range whose ends are computed while running")
    }
    let numbers = (0..<result.shape.count).map { terms.start + Double($0) * terms.delta }
    return constantKernel(Tensor(numbers).converted(to: result.dtype), request)
  }
}
