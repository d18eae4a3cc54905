public import PithGraph
import PithKernels
public import PithTensors

/// A convolution in two dimensions whose taps are moved at each position. Dai et al., "Deformable
/// convolutional networks", 2017.
///
/// Inputs: data (N, C, H, W), weights (O, C / group, h, w), offsets (N, offset groups x h x w x 2,
/// rows, columns), and optionally biases (O) and factors (N, offset groups x h x w, rows, columns).
public struct DeformConv: Operator {
  public static let name = "DeformConv"
  public static let examples = [
    Example(
      [.random([1, 2, 4, 4]), .random([3, 2, 2, 2]), .random([1, 8, 3, 3])],
      differentiable: false),
    Example(
      [
        .random([2, 4, 3, 3]), .random([2, 2, 2, 2]), .random([2, 16, 4, 4]), .random([2]),
        .random([2, 8, 4, 4]),
      ], ["group": .int(2), "offset_group": .int(2), "pads": .ints([1, 1, 1, 1])],
      differentiable: false),
  ]

  private let form: Conv
  public let offsetGroups: Int

  public init(_ form: Conv = Conv(), offsetGroups: Int = 1) {
    self.form = form
    self.offsetGroups = offsetGroups
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let groups = try attributes.int("offset_group", default: 1)
    guard groups > 0, groups <= Int(Int32.max) else {
      throw .invalid("offset_group", value: String(groups))
    }
    self.init(try Conv(attributes), offsetGroups: groups)
  }

  public var attributes: Attributes {
    var values = form.attributes.values
    if offsetGroups != 1 { values["offset_group"] = .int(offsetGroups) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, weights, offsets) = (
      try inputs.required(0), try inputs.required(1), try inputs.required(2)
    )
    guard data.rank == 4 else { throw .rank(input: 0, expected: "4", actual: data.rank) }
    let result = try form.infer([data, weights, inputs.optional(3)])
    if let channels = data.dimensions[1].size, !channels.isMultiple(of: offsetGroups) {
      throw .mismatch("\(channels) channels cannot be put into \(offsetGroups) offset groups")
    }
    let taps = DimensionProduct(weights.dimensions[2...] + [.fixed(offsetGroups)])
    let twice = DimensionProduct(weights.dimensions[2...] + [.fixed(offsetGroups), 2])
    let spatial = result[0].dimensions[2...]
    for (index, rows) in [(2, twice), (4, taps)] {
      guard let fact = index == 2 ? offsets : inputs.optional(index) else { continue }
      let expected = [data.dimensions[0], rows.dimension] + spatial
      let fits = zip(fact.dimensions, expected).allSatisfy { have, want in
        have.size == nil || want.size == nil || have == want
      }
      guard fact.rank == 4, fits else {
        throw .mismatch(
          "input \(index) is \(text(fact.dimensions)), expected \(text(Array(expected)))")
      }
    }
    return result
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost { form.cost(inputs, outputs) }

  public func role(ofInput index: Int) -> WeightRole? {
    index == 1 ? .weight : index == 3 ? .bias : nil
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try form.bound(request.input(0), request.input(1))
      .deformedKernel(offsetGroups: offsetGroups, request)
  }
}
