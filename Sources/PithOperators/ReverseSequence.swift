public import PithGraph
import PithKernels
public import PithTensors

/// The first places along the time axis in reverse order, as many as input 1 says for each place of
/// the batch axis. One of the two is axis 0, the other axis 1.
public struct ReverseSequence: Operator {
  public static let name = "ReverseSequence"
  public static let examples = [
    Example([.random([4, 3, 2]), .constant(Tensor([4, 1, 2] as [Int64]))]),
    Example(
      [.random([2, 5]), .constant(Tensor([3, 5] as [Int64]))],
      ["batch_axis": .int(0), "time_axis": .int(1)]),
  ]

  public let timeAxis: Int

  public init(timeAxis: Int = 0) { self.timeAxis = timeAxis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let time = try attributes.int("time_axis", default: 0)
    let batch = try attributes.int("batch_axis", default: 1)
    guard (time == 0 && batch == 1) || (time == 1 && batch == 0) else {
      throw .invalid("time_axis", value: "\(time) with batch_axis \(batch)")
    }
    self.init(timeAxis: time)
  }

  public var attributes: Attributes {
    timeAxis == 0 ? [:] : ["time_axis": .int(timeAxis), "batch_axis": .int(1 - timeAxis)]
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, lengths) = (try inputs.required(0), try inputs.required(1))
    guard data.rank >= 2 else {
      throw .rank(input: 0, expected: "2 or more", actual: data.rank)
    }
    guard lengths.dtype == .int64 else { throw .type(input: 1, lengths.dtype) }
    guard lengths.rank == 1 else { throw .rank(input: 1, expected: "1", actual: lengths.rank) }
    if let have = lengths.dimensions[0].size, let batches = data.dimensions[1 - timeAxis].size,
      have != batches
    {
      throw .mismatch("\(have) lengths for \(batches) sequences")
    }
    return [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.along(inputs, outputs, except: [0, 1])
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    return [try graph.add(self, gradient, node.inputs[1]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try reverseSequenceKernel(timeAxis: timeAxis, request)
  }
}
