public import PithGraph
import PithKernels
public import PithTensors

/// Gives x unchanged, as dropout does once training is over. Srivastava et al., JMLR 2014.
///
/// Inputs: x, ratio, training_mode. Outputs: y and (if wanted) the mask, true everywhere.
public struct Dropout: ElementwiseOperator {
  public static let name = "Dropout"
  public static let examples = [
    Example([.random([2, 3])]),
    Example([.random([2, 3]), .constant(Tensor(scalar: Float(0.3)))], outputCount: 2),
  ]
  public let seed: Int?

  public init(seed: Int? = nil) { self.seed = seed }

  public init(_ attributes: Attributes) throws(AttributeError) {
    seed = attributes.has("seed") ? try attributes.int("seed") : nil
  }

  public var attributes: Attributes { seed.map { ["seed": .int($0)] } ?? [:] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    return [Fact(operand.type), Fact(.bool, operand.dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [upstream[0]] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let dropsNothing = request.hasInput(1) ? try request.input(1).constant?.floats == [0] : false
    if request.hasInput(2), !dropsNothing, try request.input(2).constant?.integers != [0] {
      throw .unsupported("training_mode other than a constant false")
    }
    return request.hasOutput(1) ? copyAndMaskKernel(request) : copyKernel(request)
  }
}
