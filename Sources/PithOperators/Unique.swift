public import PithGraph
import PithKernels
public import PithTensors

/// Each different element (or, with an axis, slice) once; the input must be known before running,
/// as the shape of the result depends on it.
///
/// Outputs: the elements, where each first stood, which of them each element of the input is, and
/// how often each occurs (all int64).
public struct Unique: Operator {
  public static let name = "Unique"
  public static let examples = [
    Example([.constant(Tensor([2, 1, 1, 3, 4, 3] as [Float]))], outputCount: 4),
    Example(
      [.constant(Tensor([2, 1, 1, 3, 4, 3] as [Int64]))], ["sorted": .int(0)], outputCount: 4),
    Example(
      [.constant(Tensor([1, 0, 0, 1, 0, 0, 2, 3, 4] as [Int32], [3, 3]))], ["axis": .int(0)],
      outputCount: 4),
  ]

  /// Nil to compare elements, row by row.
  public let axis: Int?
  /// Whether the result is in ascending order, not in that of first occurrence.
  public let isSorted: Bool

  public init(axis: Int? = nil, isSorted: Bool = true) {
    self.axis = axis
    self.isSorted = isSorted
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      axis: attributes.has("axis") ? try attributes.int("axis") : nil,
      isSorted: try attributes.bool("sorted", default: true))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if let axis { values["axis"] = .int(axis) }
    if !isSorted { values["sorted"] = .int(0) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let front = try axis.map { axis throws(ShapeError) in
      guard data.rank > 0 else { throw ShapeError.rank(input: 0, expected: "1 or more", actual: 0) }
      return try normalize(axis: axis, rank: data.rank)
    }
    let all =
      front.map { data.dimensions[$0] } ?? DimensionProduct(data.dimensions).dimension
    var count = Dimension.unknown
    if let known = data.knownTensor {
      guard let slices = Self.slices(of: known, axis: front) else {
        throw .type(input: 0, data.dtype)
      }
      count = .fixed(Self.distinct(slices, isSorted: isSorted).first.count)
    }
    var kept = data.dimensions
    if let front { kept[front] = count } else { kept = [count] }
    return [
      Fact(data.dtype, kept), Fact(.int64, [count]), Fact(.int64, [all]), Fact(.int64, [count]),
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.input(0)
    guard let known = data.constant else {
      throw .unsupported("the different elements of a value that is computed while running")
    }
    let front = axis.map { $0 < 0 ? $0 + data.shape.rank : $0 }
    guard let slices = Self.slices(of: known, axis: front) else {
      throw .unsupported("\(data.dtype.rawValue) elements")
    }
    let found = Self.distinct(slices, isSorted: isSorted)
    var flat = request
    if front == nil { flat.inputs[0]!.shape = Shape([data.shape.count]) }
    let seen = try flat.input(0).shape
    var values = flat
    values.outputs = [request.outputs[0]]
    values.inputs[0]!.layout = .plain(data.dtype, seen)
    let plan =
      request.hasOutput(0)
      ? try axisMapKernel(
        seen.dimensions.indices.map {
          $0 == front ?? 0 ? found.first : Array(0..<seen[$0])
        }, fill: nil, values) : nil
    return plan.adding([found.first, found.inverse, found.counts], request)
  }

  /// The keys of the elements of each slice; nil for types without an order.
  private static func slices(of tensor: Tensor, axis: Int?) -> [[UInt64]]? {
    let numbers = tensor.dtype == .bool ? tensor.converted(to: .uint8) : tensor
    guard let keys = numbers.orderKeys else { return nil }
    guard let axis else { return keys.map { [$0] } }
    let shape = tensor.shape
    guard shape.count > 0 else { return nil }
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    var slices = [[UInt64]](repeating: [], count: shape[axis])
    for (index, key) in keys.enumerated() { slices[index / inner % shape[axis]].append(key) }
    return slices
  }

  private static func distinct(_ slices: [[UInt64]], isSorted: Bool) -> (
    first: [Int], inverse: [Int], counts: [Int]
  ) {
    var order: [Int] = []
    var numbers: [[UInt64]: Int] = [:]
    var inverse: [Int] = []
    for (place, slice) in slices.enumerated() {
      if numbers[slice] == nil {
        numbers[slice] = order.count
        order.append(place)
      }
      inverse.append(numbers[slice] ?? 0)
    }
    if isSorted {
      let ranks = order.indices.sorted {
        slices[order[$0]].lexicographicallyPrecedes(slices[order[$1]])
      }
      var places = ranks
      for (rank, number) in ranks.enumerated() { places[number] = rank }
      order = ranks.map { order[$0] }
      inverse = inverse.map { places[$0] }
    }
    var counts = [Int](repeating: 0, count: order.count)
    for number in inverse { counts[number] += 1 }
    return (order, inverse, counts)
  }
}

extension KernelPlan? {
  /// The plan for output 0, with constants for the outputs behind it.
  fileprivate func adding(_ numbers: [[Int]], _ request: KernelRequest) -> KernelPlan {
    let first = self
    let constants = numbers.map { Tensor($0.map(Int64.init)) }
    return KernelPlan(
      inputs: first?.inputs ?? request.inputs.map { _ in nil }, outputs: request.plainOutputs,
      implementation: "constant"
    ) { (buffers) throws(KernelError) in
      let run = try first?.bind(buffers)
      let targets = buffers.outputs
      return {
        run?()
        for (target, constant) in zip(targets.dropFirst(), constants) {
          constant.readBytes { bytes in
            if let target, let base = bytes.baseAddress {
              target.copyMemory(from: base, byteCount: bytes.count)
            }
          }
        }
      }
    }
  }
}
