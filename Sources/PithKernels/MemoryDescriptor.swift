import CDNNL
package import PithTensors

extension Layout {
  /// How many channels of data (N, C, spatial...) lie side by side in blocks of its own; nil for other
  /// arrangements.
  package var channelBlock: Int? {
    switch blocking?.name {
    case "aBc16b", "aBcd16b", "aBcde16b": 16
    case "aBc8b", "aBcd8b", "aBcde8b": 8
    default: nil
    }
  }
}

/// How the elements of one operand lie in memory, as oneDNN describes it.
///
/// Unchecked because it owns an opaque pointer to a description that is never changed.
package final class MemoryDescriptor: Blocking, @unchecked Sendable {
  let handle: dnnl_memory_desc_t
  /// Whether the description sees the value with its two axes exchanged.
  let isTransposed: Bool

  init(owning handle: dnnl_memory_desc_t, transposed: Bool = false) {
    self.handle = handle
    isTransposed = transposed
  }

  deinit { dnnl_memory_desc_destroy(handle) }

  /// Row-major. A scalar becomes a vector of one.
  convenience init(_ dtype: DType, _ shape: Shape) throws(KernelError) {
    let shape = shape.rank == 0 ? [1] : shape
    try self.init(dtype, shape, strides: shape.strides)
  }

  /// With explicit strides, in elements.
  convenience init(_ dtype: DType, _ shape: Shape, strides: [Int]) throws(KernelError) {
    guard let type = dtype.library else {
      throw .unsupported("elements of type \(dtype.rawValue)")
    }
    guard shape.rank <= 12 else { throw .unsupported("rank \(shape.rank)") }
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_strides(
        &handle, Int32(shape.rank), shape.dimensions.map(Int64.init), type,
        strides.map(Int64.init)), "memory")
    self.init(owning: handle!)
  }

  /// In whatever arrangement the primitive likes best.
  convenience init(any dtype: DType, _ shape: Shape) throws(KernelError) {
    try self.init(dtype, shape, tag: dnnl_format_tag_any)
  }

  /// Data (N, C, spatial...) in blocks of 16 channels where they come out even, or where they fill
  /// half of one or more and the last block may be `padded`; otherwise in whatever arrangement the
  /// primitive likes best.
  convenience init(blocked dtype: DType, _ shape: Shape, padded: Bool = false) throws(KernelError) {
    let tags = [3: dnnl_aBc16b, 4: dnnl_aBcd16b, 5: dnnl_aBcde16b]
    guard dtype == .float32, shape.rank > 1, shape[1] % 16 == 0 || padded && shape[1] > 8,
      let type = dtype.library,
      let tag = tags[shape.rank]
    else {
      try self.init(any: dtype, shape)
      return
    }
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_tag(
        &handle, Int32(shape.rank), shape.dimensions.map(Int64.init), type, tag), "memory")
    self.init(owning: handle!)
  }

  /// Data (N, C, spatial...) with the channels innermost.
  convenience init(channelsLast dtype: DType, _ shape: Shape) throws(KernelError) {
    guard shape.rank > 2 else {
      try self.init(dtype, shape)
      return
    }
    let lying = Shape([shape[0]] + shape.dimensions[2...] + [shape[1]]).strides
    try self.init(
      dtype, shape, strides: [lying[0], 1] + lying[1..<(shape.rank - 1)])
  }

  /// In one of the library's named arrangements.
  convenience init(_ dtype: DType, _ shape: Shape, tag: dnnl_format_tag_t) throws(KernelError) {
    guard let type = dtype.library else {
      throw .unsupported("elements of type \(dtype.rawValue)")
    }
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_tag(
        &handle, Int32(shape.rank), shape.dimensions.map(Int64.init), type, tag),
      "memory")
    self.init(owning: handle!)
  }

  /// The description of an operand as it lies now.
  static func of(_ operand: KernelRequest.Operand) throws(KernelError) -> MemoryDescriptor {
    if let blocked = operand.layout.blocking as? MemoryDescriptor { return blocked }
    return try MemoryDescriptor(operand.dtype, operand.shape)
  }

  var bytes: Int { dnnl_memory_desc_get_size(handle) }

  var shape: Shape {
    Shape(list(dnnl_query_dims, count: rank))
  }

  var rank: Int {
    var rank: Int32 = 0
    _ = dnnl_memory_desc_query(handle, dnnl_query_ndims_s32, &rank)
    return Int(rank)
  }

  private var innerBlockCount: Int {
    var count: Int32 = 0
    guard dnnl_memory_desc_query(handle, dnnl_query_inner_nblks_s32, &count) == dnnl_success else {
      return 0
    }
    return Int(count)
  }

  /// Whether some axis is cut into blocks.
  var hasBlocks: Bool { innerBlockCount > 0 }

  private func list(_ query: dnnl_query_t, count: Int) -> [Int] {
    var pointer: UnsafePointer<Int64>?
    guard dnnl_memory_desc_query(handle, query, &pointer) == dnnl_success, let pointer else {
      return []
    }
    return (0..<count).map { Int(pointer[$0]) }
  }

  var strides: [Int] { list(dnnl_query_strides, count: rank) }

  private var isBlockedFormat: Bool {
    var kind = dnnl_format_kind_undef
    return dnnl_memory_desc_query(handle, dnnl_query_format_kind, &kind) == dnnl_success
      && kind == dnnl_blocked
  }

  /// Whether the elements lie in row-major order without gaps or conversions.
  var isPlain: Bool {
    guard isBlockedFormat, innerBlockCount == 0 else { return false }
    let shape = self.shape
    let expected = shape.strides
    for (axis, stride) in strides.enumerated() where shape[axis] != 1 && stride != expected[axis] {
      return false
    }
    return true
  }

  package var isPadded: Bool {
    list(dnnl_query_padded_dims, count: rank) != shape.dimensions || !isBlockedFormat
  }

  package func isSame(as other: any Blocking) -> Bool {
    guard let other = other as? MemoryDescriptor else { return false }
    return self === other
      || isTransposed == other.isTransposed && dnnl_memory_desc_equal(handle, other.handle) != 0
  }

  /// The axes from the outermost in, capital where blocked further in, then the blocks: "aBcd16b".
  package var name: String {
    guard isBlockedFormat else { return "opaque" }
    let inner = list(dnnl_query_inner_idxs, count: innerBlockCount)
    let sizes = list(dnnl_query_inner_blks, count: innerBlockCount)
    let strides = self.strides
    let order = (0..<rank).sorted { (strides[$0], $1) > (strides[$1], $0) }
    func letter(_ axis: Int) -> String { String(UnicodeScalar(UInt8(97 + axis))) }
    return order.map { inner.contains($0) ? letter($0).uppercased() : letter($0) }.joined()
      + zip(sizes, inner).map { "\($0)\(letter($1))" }.joined()
  }

  /// The layout this describes for a value of the given type and shape (which, for a reserve that
  /// only its own kernel understands, need not be the true one).
  func layout(_ dtype: DType, _ shape: Shape) -> Layout {
    let plain = Layout.plain(dtype, shape)
    return isPlain && bytes == plain.bytes ? plain : .blocked(self, bytes: bytes)
  }

  /// The layout this describes for a matrix that it sees transposed or not.
  func layout(_ dtype: DType, _ shape: Shape, transposed: Bool) -> Layout {
    guard transposed else { return layout(dtype, shape) }
    var copy: dnnl_memory_desc_t?
    guard dnnl_memory_desc_clone(&copy, handle) == dnnl_success, let copy else {
      return layout(dtype, shape)
    }
    return .blocked(MemoryDescriptor(owning: copy, transposed: true), bytes: bytes)
  }

  /// The value in row-major order, with the same (perhaps grouped or exchanged) extents.
  func plainCounterpart(_ dtype: DType) throws(KernelError) -> MemoryDescriptor {
    let shape = self.shape
    guard isTransposed else { return try MemoryDescriptor(dtype, shape) }
    return try MemoryDescriptor(dtype, shape, strides: [1, shape[0]])
  }
}
