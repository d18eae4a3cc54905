import PithTensors

/// The NPY format (numpy.lib.format, versions 1 to 3): a header that is a Python dictionary, then
/// the values.
enum NumPyArray {
  /// NumPy's own limit is 64.
  private static let maximumRank = 64

  /// Reads an array. Byte order and Fortran order are turned into the tensor's own.
  static func decode(_ bytes: [UInt8], file: String) throws(DataError) -> Tensor {
    let (header, start) = try header(bytes, file)
    let (dtype, isBigEndian) = try type(header, file)
    guard let count = header.shape.checkedCount,
      !count.multipliedReportingOverflow(by: 64).overflow
    else {
      throw .malformed(file: file, offset: 10, reason: "the shape overflows")
    }
    let expected = dtype.bytes(for: count)
    let found = bytes.count - start
    guard found >= expected else {
      throw .truncated(file: file, offset: start, expected: expected, found: found)
    }
    guard found == expected else { throw .trailing(file: file, offset: start + expected) }
    var result = Tensor(dtype, header.shape, zeroed: false)
    let width = dtype.bits / 8
    result.updateBytes { memory in
      bytes.withUnsafeBytes { source in
        let values = UnsafeRawBufferPointer(rebasing: source[start...])
        if header.isFortranOrder && header.shape.rank > 1 {
          transpose(values, header.shape, width, to: memory)
        } else {
          memory.copyMemory(from: values)
        }
      }
      if isBigEndian { swapBytes(memory, width) }
      if dtype == .bool {
        for index in memory.indices where memory[index] > 1 { memory[index] = 1 }
      }
    }
    return result
  }

  /// The header NumPy writes for the tensor; the tensor's bytes follow it. Types NumPy lacks have
  /// to be converted first: see `encodable`.
  static func header(for tensor: Tensor) -> [UInt8] {
    let type = types.first { $0.value == tensor.dtype }?.key ?? "f4"
    let order = tensor.dtype.bits <= 8 ? "|" : "<"
    let extents = tensor.shape.dimensions.map(String.init).joined(separator: ", ")
    let shape = tensor.shape.rank == 1 ? "(\(extents),)" : "(\(extents))"
    var text = "{'descr': '\(order)\(type)', 'fortran_order': False, 'shape': \(shape), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// The tensor in a type NumPy has: bfloat16 widens to float32, four-bit integers to eight bits.
  static func encodable(_ tensor: Tensor, name: String, file: String) throws(DataError) -> Tensor {
    switch tensor.dtype {
    case .bfloat16: return tensor.converted(to: .float32)
    case .int4: return tensor.converted(to: .int8)
    case .uint4: return tensor.converted(to: .uint8)
    case .string:
      throw .unwritable(file: file, reason: "'\(name)' holds text, which is not written")
    default: return tensor
    }
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let types: [String: DType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32,
    "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool,
  ]

  private static func header(_ bytes: [UInt8], _ file: String) throws(DataError) -> (
    NumPyHeader, Int
  ) {
    guard bytes.count >= 8 else {
      throw .truncated(file: file, offset: 0, expected: 8, found: bytes.count)
    }
    guard bytes.starts(with: magic) else {
      throw .malformed(file: file, offset: 0, reason: "this is not a NumPy array")
    }
    guard (1...3).contains(bytes[6]) else {
      throw .malformed(file: file, offset: 6, reason: "unknown NPY version \(bytes[6])")
    }
    let width = bytes[6] == 1 ? 2 : 4
    guard bytes.count >= 8 + width else {
      throw .truncated(file: file, offset: 8, expected: width, found: bytes.count - 8)
    }
    let length = bytes[8..<8 + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + width
    guard bytes.count - start >= length else {
      throw .truncated(file: file, offset: start, expected: length, found: bytes.count - start)
    }
    guard let header = NumPyHeader(bytes[start..<start + length]) else {
      throw .malformed(file: file, offset: start, reason: "the array's header cannot be read")
    }
    guard header.shape.rank <= maximumRank else {
      throw .malformed(file: file, offset: start, reason: "\(header.shape.rank) dimensions")
    }
    return (header, start + length)
  }

  private static func type(_ header: NumPyHeader, _ file: String) throws(DataError) -> (
    DType, isBigEndian: Bool
  ) {
    let order = header.type.first.map { "<>|=".contains($0) ? $0 : "=" } ?? "="
    let code = header.type.drop { "<>|=".contains($0) }
    guard let dtype = types[String(code)] else {
      throw .malformed(
        file: file, offset: 10,
        reason: "elements of type '\(header.type)' are not read; store numbers or booleans")
    }
    return (dtype, order == ">" && dtype.bits > 8)
  }

  /// Rows first from columns first.
  private static func transpose(
    _ source: UnsafeRawBufferPointer, _ shape: Shape, _ width: Int,
    to output: UnsafeMutableRawBufferPointer
  ) {
    var strides = [Int](repeating: width, count: shape.rank)
    for axis in 1..<shape.rank { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var position = [Int](repeating: 0, count: shape.rank)
    var from = 0
    for element in stride(from: 0, to: output.count, by: width) {
      for byte in 0..<width { output[element + byte] = source[from + byte] }
      for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
        position[axis] += 1
        from += strides[axis]
        if position[axis] < shape[axis] { break }
        from -= strides[axis] * shape[axis]
        position[axis] = 0
      }
    }
  }

  private static func swapBytes(_ memory: UnsafeMutableRawBufferPointer, _ width: Int) {
    for element in stride(from: 0, to: memory.count, by: width) {
      for byte in 0..<width / 2 { memory.swapAt(element + byte, element + width - 1 - byte) }
    }
  }
}
