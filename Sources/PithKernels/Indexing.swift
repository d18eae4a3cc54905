import CPithKernels
public import PithTensors

/// How whole numbers name places of data.
public enum IndexedPlaces: Sendable, Hashable {
  /// Each index replaces the position along one axis: index (i, j) of axis 0 names data (index, j).
  case elements(axis: Int)
  /// The last axis of the indices holds tuples, the first positions of a run of data; the leading
  /// `batchAxes` axes of indices and data go together.
  case tuples(batchAxes: Int)
}

/// What a scatter makes of the element that is there and the one that comes.
public enum ScatterFunction: Sendable, Hashable {
  case set, add, multiply, maximum, minimum
  /// Zero, whatever comes.
  case clear

  var kernel: pith_scatter {
    switch self {
    case .set: PITH_SCATTER_SET
    case .add: PITH_SCATTER_ADD
    case .multiply: PITH_SCATTER_MULTIPLY
    case .maximum: PITH_SCATTER_MAXIMUM
    case .minimum: PITH_SCATTER_MINIMUM
    case .clear: PITH_SCATTER_CLEAR
    }
  }
}

/// Output 0 is the elements (or runs) of input 0 at the places that input 1 (32- or 64-bit
/// indices) names; zero where an index is outside.
public func takeKernel(_ places: IndexedPlaces, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let data = try request.input(0)
  let finder = try PlaceFinder(places, data.shape, request.input(1))
  let element = try data.dtype.elementBytes()
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, scratchBytes: finder.bytes,
    implementation: "c:take"
  ) { buffers in
    let (from, to) = (UnsafeRawPointer(buffers.inputs[0]!), buffers.outputs[0]!)
    let indices = UnsafeRawPointer(buffers.inputs[1]!)
    let found = buffers.scratch!.assumingMemoryBound(to: Int64.self)
    return {
      finder.find(indices, found)
      pith_take(from, found, finder.count, finder.run, element, to)
    }
  }
}

/// Output 0 is input `data` (zeros where nil) after the elements (or runs) of input `updates` were
/// put, in order, at the places that input `indices` names; those outside are left out.
public func putKernel(
  _ places: IndexedPlaces, _ function: ScatterFunction, _ request: KernelRequest,
  data: Int? = 0, indices: Int = 1, updates: Int = 2
) throws(KernelError) -> KernelPlan {
  let result = try request.output(0)
  let finder = try PlaceFinder(places, result.shape, request.input(indices))
  let element = try result.dtype.elementBytes()
  let type = try function == .set || function == .clear ? nil : result.dtype.element()
  let bytes = result.layout.bytes
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  let news = function == .clear ? nil : updates
  for case let index? in [data, indices, news] { inputs[index] = request.plainInputs[index] }
  return KernelPlan(
    inputs: inputs, outputs: request.plainOutputs, scratchBytes: finder.bytes,
    sharing: data.map { [.init(input: $0, output: 0)] } ?? [], implementation: "c:put"
  ) { buffers in
    let from = data.flatMap { buffers.inputs[$0] }
    let to = buffers.outputs[0]!
    let indices = UnsafeRawPointer(buffers.inputs[indices]!)
    let updates = UnsafeRawPointer(news.flatMap { buffers.inputs[$0] } ?? to)
    let found = buffers.scratch!.assumingMemoryBound(to: Int64.self)
    return {
      if let from {
        if from != to { to.copyMemory(from: from, byteCount: bytes) }
      } else {
        to.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
      finder.find(indices, found)
      if let type {
        pith_put(function.kernel, type, updates, found, finder.count, finder.run, to)
      } else {
        pith_put_bytes(
          function == .clear ? 1 : 0, updates, found, finder.count, finder.run, element, to)
      }
    }
  }
}

/// Turns indices into places of row-major data.
private struct PlaceFinder: Sendable {
  /// Runs that are named, and the elements of each.
  let count: Int
  let run: Int
  private let indexBytes: Int32
  private let axes: Axes

  private enum Axes: Sendable {
    case elements(pith_element_axes)
    case tuples(pith_tuple_axes)
  }

  /// Scratch memory for the places.
  var bytes: Int { max(count, 1) * MemoryLayout<Int64>.stride }

  init(_ places: IndexedPlaces, _ data: Shape, _ indices: KernelRequest.Operand)
    throws(KernelError)
  {
    guard indices.dtype == .int32 || indices.dtype == .int64 else {
      throw .unsupported("indices of type \(indices.dtype.rawValue)")
    }
    indexBytes = Int32(indices.dtype.bits / 8)
    let limit = Int(PITH_MAX_INDEXED_AXES)
    guard data.rank <= limit, indices.shape.rank <= limit else {
      throw .unsupported("rank \(max(data.rank, indices.shape.rank))")
    }
    switch places {
    case .elements(let axis):
      run = 1
      count = indices.shape.count
      var axes = pith_element_axes()
      axes.rank = Int32(data.rank)
      axes.axis = Int32(axis)
      axes.size = data[axis]
      fill(&axes.extents, indices.shape.dimensions)
      fill(&axes.strides, data.strides)
      self.axes = .elements(axes)
    case .tuples(let batchAxes):
      let depth = indices.shape[indices.shape.rank - 1]
      let (first, last) = (batchAxes, batchAxes + depth)
      run = data.dimensions[last...].reduce(1, *)
      var axes = pith_tuple_axes()
      axes.batches = data.dimensions[..<first].reduce(1, *)
      axes.tuples = indices.shape.dimensions[batchAxes...].dropLast().reduce(1, *)
      axes.depth = depth
      axes.batch_stride = data.dimensions[first...].reduce(1, *)
      fill(&axes.extents, data.dimensions[first..<last])
      fill(&axes.strides, data.strides[first..<last])
      count = axes.batches * axes.tuples
      self.axes = .tuples(axes)
    }
  }

  func find(_ indices: UnsafeRawPointer, _ places: UnsafeMutablePointer<Int64>) {
    switch axes {
    case .elements(let axes):
      withUnsafePointer(to: axes) { pith_element_places($0, indices, indexBytes, places) }
    case .tuples(let axes):
      withUnsafePointer(to: axes) { pith_tuple_places($0, indices, indexBytes, places) }
    }
  }
}

/// Writes numbers into an array of a C structure.
func fill<CArray>(_ array: inout CArray, _ numbers: some Sequence<Int>) {
  withUnsafeMutableBytes(of: &array) { bytes in
    let places = bytes.bindMemory(to: Int.self)
    for (index, number) in numbers.enumerated() where index < places.count {
      places[index] = number
    }
  }
}

extension DType {
  /// The element type as C kernels name it; throws for those that they do not compute with.
  func element() throws(KernelError) -> pith_element {
    switch self {
    case .float32: PITH_ELEMENT_F32
    case .float64: PITH_ELEMENT_F64
    case .int8: PITH_ELEMENT_S8
    case .uint8: PITH_ELEMENT_U8
    case .int16: PITH_ELEMENT_S16
    case .uint16: PITH_ELEMENT_U16
    case .int32: PITH_ELEMENT_S32
    case .uint32: PITH_ELEMENT_U32
    case .int64: PITH_ELEMENT_S64
    case .uint64: PITH_ELEMENT_U64
    default: throw .unsupported("\(rawValue) elements")
    }
  }
}
