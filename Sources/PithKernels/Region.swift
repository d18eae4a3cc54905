import CPithKernels
public import PithTensors

/// A box of elements that is copied from an input to an output of a kernel, both row-major.
public struct Region: Sendable, Hashable {
  /// Where the box lies in one of the two: its first element, and the distance between
  /// neighbours along each axis (zero to repeat, negative to reverse), in elements.
  public struct Place: Sendable, Hashable {
    public var offset: Int
    public var strides: [Int]

    public init(offset: Int = 0, strides: [Int]) {
      self.offset = offset
      self.strides = strides
    }
  }

  public var input: Int
  public var output: Int
  public var extents: [Int]
  public var source: Place
  public var target: Place

  public init(
    input: Int = 0, output: Int = 0, extents: [Int], from source: Place, to target: Place
  ) {
    self.input = input
    self.output = output
    self.extents = extents
    self.source = source
    self.target = target
  }

  /// The same box with as few axes as describe it.
  var simplified: Region {
    var result = self
    result.extents = []
    result.source.strides = []
    result.target.strides = []
    for axis in extents.indices where extents[axis] != 1 {
      if let last = result.extents.indices.last,
        result.source.strides[last] == source.strides[axis] * extents[axis],
        result.target.strides[last] == target.strides[axis] * extents[axis]
      {
        result.extents[last] *= extents[axis]
        result.source.strides[last] = source.strides[axis]
        result.target.strides[last] = target.strides[axis]
      } else {
        result.extents.append(extents[axis])
        result.source.strides.append(source.strides[axis])
        result.target.strides.append(target.strides[axis])
      }
    }
    return result
  }

  /// As the C kernel takes it; nil when there is nothing to copy.
  func description(elementBytes: Int) throws(KernelError) -> pith_region? {
    guard !extents.contains(0) else { return nil }
    let simple = simplified
    guard simple.extents.count <= Int(PITH_MAX_RANK) else {
      throw .unsupported("rank \(simple.extents.count)")
    }
    var region = pith_region()
    region.rank = Int32(simple.extents.count)
    region.element = elementBytes
    withUnsafeMutableBytes(of: &region.extents) { bytes in
      bytes.bindMemory(to: Int.self).update(from: simple.extents)
    }
    withUnsafeMutableBytes(of: &region.from) { bytes in
      bytes.bindMemory(to: Int.self).update(from: simple.source.strides, times: elementBytes)
    }
    withUnsafeMutableBytes(of: &region.to) { bytes in
      bytes.bindMemory(to: Int.self).update(from: simple.target.strides, times: elementBytes)
    }
    return region
  }
}

extension UnsafeMutableBufferPointer<Int> {
  fileprivate func update(from values: [Int], times factor: Int = 1) {
    for (index, value) in values.enumerated() { self[index] = value * factor }
  }
}

extension DType {
  /// Bytes of one element; throws for those that are not whole bytes.
  func elementBytes() throws(KernelError) -> Int {
    guard bits >= 8 else { throw .unsupported("elements of type \(rawValue)") }
    return bits / 8
  }
}

/// Copies boxes of elements between row-major inputs and outputs of one element type; with
/// `zeroed`, outputs are cleared first. Inputs that no box reads are not asked for.
public func regionsKernel(_ request: KernelRequest, _ regions: [Region], zeroed: Bool = false)
  throws(KernelError) -> KernelPlan
{
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  var steps: [(Region, pith_region, Int)] = []
  for region in regions where request.hasOutput(region.output) {
    let operand = try request.input(region.input)
    inputs[region.input] = .plain(operand.dtype, operand.shape)
    let bytes = try operand.dtype.elementBytes()
    if let description = try region.description(elementBytes: bytes) {
      steps.append((region, description, bytes))
    }
  }
  let cleared = zeroed ? request.outputs.map { $0?.layout.bytes ?? 0 } : []
  return KernelPlan(
    inputs: inputs, outputs: request.plainOutputs, implementation: "copy"
  ) { buffers in
    let moves = steps.map { region, description, bytes in
      (
        from: UnsafeRawPointer(buffers.inputs[region.input]! + region.source.offset * bytes),
        to: buffers.outputs[region.output]! + region.target.offset * bytes,
        region: description
      )
    }
    return {
      for (output, bytes) in zip(buffers.outputs, cleared) {
        output?.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
      for move in moves {
        withUnsafePointer(to: move.region) { pith_copy_region(move.from, move.to, $0) }
      }
    }
  }
}
