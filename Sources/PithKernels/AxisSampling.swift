import CPithKernels
public import PithTensors

/// How each place along one axis of a result is a weighted sum of places of the source.
public struct AxisSampling: Sendable, Hashable {
  /// Extent of the source.
  public let sourceExtent: Int
  /// Where the terms of each place of the result begin; one more than there are places.
  public private(set) var starts: [Int32] = [0]
  public private(set) var places: [Int32] = []
  public private(set) var weights: [Float] = []

  public init(sourceExtent: Int) { self.sourceExtent = sourceExtent }

  /// Extent of the result.
  public var extent: Int { starts.count - 1 }

  /// Adds the next place of the result.
  public mutating func append(_ terms: [(place: Int, weight: Float)]) {
    for term in terms {
      places.append(Int32(term.place))
      weights.append(term.weight)
    }
    starts.append(Int32(places.count))
  }

  /// The sampling by which gradients travel back.
  public var transposed: AxisSampling {
    var terms = [[(place: Int, weight: Float)]](repeating: [], count: sourceExtent)
    for place in 0..<extent {
      for index in Int(starts[place])..<Int(starts[place + 1]) {
        terms[Int(places[index])].append((place, weights[index]))
      }
    }
    var result = AxisSampling(sourceExtent: extent)
    for list in terms { result.append(list) }
    return result
  }

  /// Each place is one place of the source, or nothing where the entry is negative.
  public static func map(_ places: [Int], sourceExtent: Int) -> AxisSampling {
    var result = AxisSampling(sourceExtent: sourceExtent)
    for place in places {
      if place < 0 { result.append([]) } else { result.append([(place, Float(1))]) }
    }
    return result
  }

  /// Without the terms of the places that are told.
  public func clearing(_ places: [Bool]) -> AxisSampling {
    var result = AxisSampling(sourceExtent: sourceExtent)
    for place in 0..<extent {
      let terms = Int(starts[place])..<Int(starts[place + 1])
      result.append(places[place] ? [] : terms.map { (Int(self.places[$0]), weights[$0]) })
    }
    return result
  }

  var isIdentity: Bool {
    extent == sourceExtent && places.count == extent && weights.allSatisfy { $0 == 1 }
      && places.enumerated().allSatisfy { $0.offset == Int($0.element) }
      && starts.enumerated().allSatisfy { $0.offset == Int($0.element) }
  }
}

/// Output 0 is an input (float32, row-major) sampled along every axis in turn.
public func samplingKernel(_ axes: [AxisSampling], _ request: KernelRequest, input: Int = 0)
  throws(KernelError) -> KernelPlan
{
  let (operand, result) = (try request.input(input), try request.output(0))
  guard operand.dtype == .float32 else {
    throw .unsupported("elements of type \(operand.dtype.rawValue)")
  }
  let passes = passes(axes, operand.shape)
  if passes.isEmpty {
    let strides = operand.shape.strides
    return try regionsKernel(
      request,
      [
        Region(
          input: input, extents: operand.shape.dimensions, from: .init(strides: strides),
          to: .init(strides: strides))
      ])
  }
  // Intermediate results go back and forth between two halves of the scratch memory.
  let half = passes.dropLast().map(\.resultCount).max() ?? 0
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  inputs[input] = .plain(operand.dtype, operand.shape)
  return KernelPlan(
    inputs: inputs, outputs: [.plain(result.dtype, result.shape)],
    scratchBytes: passes.count > 1 ? 2 * half * MemoryLayout<Float>.stride : 0,
    implementation: "sampling"
  ) { buffers in
    let (first, last) = (buffers.input(input, as: Float.self), buffers.output(0, as: Float.self))
    let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
    return {
      var from = first
      for (index, pass) in passes.enumerated() {
        let to =
          index == passes.count - 1 ? last : scratch.map { $0 + (index % 2) * half } ?? last
        pass.run(from, to)
        from = to
      }
    }
  }
}

extension KernelPlan {
  /// The plan, with one number put (float32, row-major) wherever an axis's table is true.
  public func filling(_ axes: [[Bool]], with number: Float, _ request: KernelRequest)
    throws(KernelError) -> KernelPlan
  {
    let shape = try request.output(0).shape
    let strides = shape.strides
    let places = (0..<shape.count).filter { place in
      axes.indices.contains { axes[$0][place / strides[$0] % shape[$0]] }
    }
    var plan = self
    plan.bind = { (buffers) throws(KernelError) in
      let run = try bind(buffers)
      let y = buffers.output(0, as: Float.self)
      return {
        run()
        for place in places { y[place] = number }
      }
    }
    return plan
  }
}

/// The sampling of one axis of data (outer, extent, inner).
private struct SamplingPass: Sendable {
  var axis: AxisSampling
  var outer: Int
  var inner: Int

  var resultCount: Int { outer * axis.extent * inner }

  func run(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
    guard resultCount > 0 else { return }
    axis.starts.withUnsafeBufferPointer { starts in
      axis.places.withUnsafeBufferPointer { places in
        axis.weights.withUnsafeBufferPointer { weights in
          var description = pith_axis_sampling(
            outer: outer, from: axis.sourceExtent, to: axis.extent, inner: inner,
            starts: starts.baseAddress, places: places.baseAddress, weights: weights.baseAddress)
          pith_sample_axis(from, to, &description)
        }
      }
    }
  }
}

private func passes(_ axes: [AxisSampling], _ shape: Shape) -> [SamplingPass] {
  var extents = shape.dimensions
  var passes: [SamplingPass] = []
  for (axis, sampling) in axes.enumerated() where !sampling.isIdentity {
    passes.append(
      SamplingPass(
        axis: sampling, outer: extents[..<axis].reduce(1, *),
        inner: extents[(axis + 1)...].reduce(1, *)))
    extents[axis] = sampling.extent
  }
  return passes
}
