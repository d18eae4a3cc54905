public import PithGraph

/// An operator that computes each element of its outputs from the elements of its inputs at the
/// same place, once these are stretched to one shape: what is removed from one is removed from all.
public protocol ElementwiseOperator: Operator {}

extension ElementwiseOperator {
  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.elementwise(inputs, outputs)
    return links
  }
}
