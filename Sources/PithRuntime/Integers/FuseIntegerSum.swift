import PithGraph
import PithKernels
import PithTensors

/// A sum of bytes behind a convolution of bytes is computed with it, in the place of the other
/// operand; what the convolution alone would have been rounded to is kept.
struct FuseIntegerSum: Rewrite {
  let name = "fuse sum of bytes"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let sum = node.as(IntegerSum.self), let left = node.inputs[0],
      let right = node.inputs[1], left != right, let output = node.output
    else { return nil }
    // The later of two convolutions takes the sum, so that the other is made by then.
    let candidates = [(left, right, sum.left, sum.right), (right, left, sum.right, sum.left)]
      .sorted { (connections.producer[$0.0] ?? -1) > (connections.producer[$1.0] ?? -1) }
    for (made, other, factor, otherFactor) in candidates {
      guard let position = connections.producer[made], connections.soleConsumer(of: made) != nil,
        let convolution = graph.nodes[position].as(IntegerConv.self),
        convolution.steps.summand == nil,
        graph.type(of: made)?.shape == graph.type(of: other)?.shape,
        let dtype = graph.type(of: other)?.dtype,
        connections.producer[other].map({ $0 < position }) ?? graph.inputs.contains(other)
      else { continue }
      let target = graph.nodes[position]
      let steps =
        rounded(convolution) + [
          .linear(scale: factor, shift: sum.shift), .sum(scale: otherFactor, dtype: dtype),
        ] + bounds(sum)
      let fused = IntegerConv(convolution.geometry, dtype: sum.dtype, steps: steps)
      var inputs = target.inputs
      inputs.append(other)
      guard graph.canRun(fused, inputs) else { continue }
      return Edit("\(target.name) + \(graph.name(of: other))") {
        [inputs] (graph) throws(GraphError) in
        let result = try graph.insert(fused, inputs, before: node.id, name: target.name)[0]
        graph.removeNodes([target.id])
        graph.replaceUses(of: output, with: result)
        graph.removeNodes([node.id])
      }
    }
    return nil
  }

  private func bounds(_ sum: IntegerSum) -> [IntegerStep] {
    let whole = sum.dtype == .int8 ? -128...127 : 0...255
    guard sum.low...sum.high != whole else { return [] }
    return [.clip(low: Float(sum.low), high: Float(sum.high))]
  }
}

/// The steps of a convolution with what storing its result as bytes does.
func rounded(_ convolution: IntegerConv) -> [IntegerStep] {
  var steps = convolution.steps
  if case .clip? = steps.last {
  } else {
    steps.append(
      convolution.dtype == .int8 ? .clip(low: -128, high: 127) : .clip(low: 0, high: 255))
  }
  return steps + [.round]
}
