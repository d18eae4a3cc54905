public import PithGraph
public import PithKernels
public import PithTensors

/// dL/dx of one of the values among which the largest or smallest was taken: the upstream gradient
/// where that value was chosen (the first of equal ones is), else zero.
///
/// Inputs: dL/dy and the values; output: the gradient before it is summed to the value's shape.
public struct ExtremumGradient: Operator {
  public static let name = "ExtremumGradient"
  public static let domain = "pith"
  public let function: Extremum
  public let index: Int

  init(_ function: Extremum, index: Int) {
    self.function = function
    self.index = index
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try extremumGradientKernel(function, index: index, request)
  }
}

extension Graph {
  mutating func extremumGradients(
    of node: Node, _ function: Extremum, _ upstream: Value?, _ wanted: [Bool]
  ) throws(GraphError) -> [Value?] {
    var results = [Value?](repeating: nil, count: node.inputs.count)
    guard let upstream else { return results }
    for (index, input) in node.inputs.enumerated() where wanted[index] {
      guard let input else { continue }
      let chosen = try add(
        ExtremumGradient(function, index: index), [upstream] + node.inputs)[0]
      results[index] = try sum(chosen, like: input)
    }
    return results
  }
}

/// The fact about the largest or smallest of any number of values.
func inferExtremum(_ inputs: [Fact?], _ integers: (Int, Int) -> Int) throws(ShapeError) -> [Fact] {
  let first = try inputs.required(0)
  guard first.dtype != .string, first.dtype != .bool else { throw .type(input: 0, first.dtype) }
  var result = Fact(first.type, elements: first.elements)
  for index in inputs.indices.dropFirst() {
    result = try inferBinary([result, try inputs.required(index)], integers)[0]
  }
  return [result]
}
