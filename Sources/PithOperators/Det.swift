public import PithGraph
import PithKernels
public import PithTensors

/// The determinant of each square matrix of the last two axes.
public struct Det: Operator {
  public static let name = "Det"
  public static let examples = [
    Example([.random([3, 3])], differentiable: false),
    Example([.random([2, 1, 4, 4])], differentiable: false),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    guard data.rank >= 2 else {
      throw .rank(input: 0, expected: "2 or more", actual: data.rank)
    }
    let (rows, columns) = (data.dimensions[data.rank - 2], data.dimensions[data.rank - 1])
    if let rows = rows.size, let columns = columns.size, rows != columns {
      throw .mismatch("a matrix of \(rows) rows and \(columns) columns has no determinant")
    }
    return [Fact(data.dtype, Array(data.dimensions.dropLast(2)))]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try determinantKernel(request)
  }
}
