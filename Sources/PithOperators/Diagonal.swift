public import PithGraph
import PithKernels
public import PithTensors

/// The elements whose places along two axes are equal; the second axis is dropped.
public struct Diagonal: Operator {
  public static let name = "Diagonal"
  public static let domain = "pith"
  let first: Int
  let second: Int

  init(_ first: Int, _ second: Int) {
    self.first = first
    self.second = second
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try attributes.int("first"), try attributes.int("second"))
  }

  public var attributes: Attributes { ["first": .int(first), "second": .int(second)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard first >= 0, second > first, second < data.rank else {
      throw .invalid("axes \(first) and \(second) have no diagonal")
    }
    var dimensions = data.dimensions
    let dropped = dimensions.remove(at: second)
    if let a = dimensions[first].size, let b = dropped.size, a != b {
      throw .mismatch("axes of extents \(a) and \(b) have no diagonal")
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(DiagonalGradient(self), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try regionsKernel(request, [region(of: request.input(0).shape)])
  }

  func region(of whole: Shape) -> Region {
    var strides = whole.strides
    strides[first] += strides.remove(at: second)
    var extents = whole.dimensions
    extents.remove(at: second)
    return Region(
      extents: extents, from: .init(strides: strides), to: .init(strides: Shape(extents).strides))
  }
}

/// dL/d(data) of a `Diagonal`: zero elsewhere. Inputs: dL/dy, data (its type only).
public struct DiagonalGradient: Operator {
  public static let name = "DiagonalGradient"
  public static let domain = "pith"
  let forward: Diagonal

  init(_ forward: Diagonal) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Diagonal(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try regionsKernel(
      request, [forward.region(of: request.output(0).shape).reversed], zeroed: true)
  }
}
