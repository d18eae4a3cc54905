public import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// An elementwise operator whose result only another one reads is computed with that: a run of them
/// takes one pass over memory.
public struct FuseElementwise: Rewrite {
  public let name = "fuse elementwise operators"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard let last = Part(node, in: graph), let output = node.output else { return nil }
    for input in last.inputs {
      guard let position = connections.producer[input], connections.soleConsumer(of: input) != nil,
        graph.type(of: input) == last.type, let first = Part(graph.nodes[position], in: graph),
        let whole = first.followed(by: last, through: input)
      else { continue }
      let taken = graph.nodes[position]
      return Edit("\(taken.name) into \(node.name)") { (graph) throws(GraphError) in
        try graph.modify(node.id) {
          $0.operator = FusedElementwise(
            ElementwiseChain(inputCount: whole.inputs.count, steps: whole.steps),
            parts: whole.names, result: whole.type)
          $0.inputs = whole.inputs
          $0.outputs = [output]
        }
        graph.removeNodes([taken.id])
      }
    }
    return nil
  }
}

/// Steps of a chain, and the values they read.
private struct Part {
  var inputs: [Value]
  var steps: [ElementwiseChain.Step]
  var names: [String]
  var type: TensorType

  init?(_ node: Node, in graph: Graph) {
    guard let output = node.output, let type = graph.type(of: output), type.dtype == .float32,
      let shape = type.shape
    else { return nil }
    self.type = type
    if let fused = node.as(FusedElementwise.self) {
      inputs = node.inputs.compactMap(\.self)
      (steps, names) = (fused.chain.steps, fused.parts)
      return
    }
    guard let (function, operands) = graph.elementwise(node),
      ElementwiseChain.supports(function),
      operands.allSatisfy({ graph.isReadable($0, as: shape) })
    else { return nil }
    inputs = []
    for operand in operands where !inputs.contains(operand) { inputs.append(operand) }
    let places = operands.map { [inputs] in inputs.firstIndex(of: $0)! }
    steps = [ElementwiseChain.Step(function, places)]
    names = [node.operator.name]
  }

  /// Both, of which the second reads the first's result by the name of `value`; nil if that is too
  /// much.
  func followed(by next: Part, through value: Value) -> Part? {
    var whole = self
    for input in next.inputs where input != value && !whole.inputs.contains(input) {
      whole.inputs.append(input)
    }
    let count = whole.inputs.count
    guard ElementwiseChain.fits(inputs: count, steps: steps.count + next.steps.count) else {
      return nil
    }
    let moved = count - inputs.count
    whole.steps = steps.map { step in
      ElementwiseChain.Step(
        step.function, step.operands.map { $0 < inputs.count ? $0 : $0 + moved })
    }
    let result = count + steps.count - 1
    whole.steps += next.steps.map { step in
      ElementwiseChain.Step(
        step.function,
        step.operands.map { operand in
          guard operand < next.inputs.count else {
            return operand - next.inputs.count + count + steps.count
          }
          let input = next.inputs[operand]
          return input == value ? result : whole.inputs.firstIndex(of: input)!
        })
    }
    whole.names += next.names
    return whole
  }
}

extension Graph {
  /// Whether a chain whose result has a shape can read a value: as it lies, if it is like the
  /// result. Stretched values are left to others where data may lie in blocks.
  fileprivate func isReadable(_ value: Value, as shape: Shape) -> Bool {
    guard let type = type(of: value), type.dtype == .float32, let own = type.shape else {
      return false
    }
    if own == shape || own.count == 1 && own.rank <= shape.rank { return true }
    return shape.rank <= 3 && ElementwiseChain.stretches(own, to: shape)
  }

  /// The function that a node applies to each element of some values.
  fileprivate func elementwise(_ node: Node) -> (ElementwiseChain.Function, [Value])? {
    let operands = node.inputs.compactMap(\.self)
    let isBinary = operands.count == 2 && node.inputs.count == 2
    switch node.operator {
    case is Add: return isBinary ? (.binary(.add), operands) : nil
    case is Sub: return isBinary ? (.binary(.subtract), operands) : nil
    case is Mul: return isBinary ? (.binary(.multiply), operands) : nil
    case is Div: return isBinary ? (.binary(.divide), operands) : nil
    case is Min: return isBinary ? (.binary(.minimum), operands) : nil
    case is Max: return isBinary ? (.binary(.maximum), operands) : nil
    case is Neg: return (.activation(.linear(scale: -1, shift: 0)), operands)
    case is Abs: return (.activation(.abs), operands)
    case let scaling as Scaling:
      return (.activation(.linear(scale: scaling.factor, shift: 0)), operands)
    case is Erf: return (.errorFunction, operands)
    case let gradient as ActivationGradient:
      return (.slope(gradient.function, fromOutput: gradient.fromOutput), operands)
    case is Pow:
      guard isBinary, let exponent = fact(of: operands[1])?.constant, exponent.count == 1,
        let function = Self.powers[exponent.floats.first ?? 0]
      else { return nil }
      return (.activation(function), [operands[0]])
    default:
      guard let function = activation(of: node), let first = operands.first else { return nil }
      return (.activation(function), [first])
    }
  }

  private static let powers: [Float: Activation] = [
    2: .square, 0.5: .sqrt, -1: .power(scale: 1, exponent: -1),
  ]
}
