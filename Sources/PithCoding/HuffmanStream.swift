/// Codes tensors one after the other as Deep Compression does: the distinct elements, relative
/// indices of the non-zero ones, and Huffman codes over both.
struct HuffmanStreamWriter {
  private(set) var bytes: [UInt8] = []
  private(set) var payloadBytes = 0
  private(set) var tensorCount = 0

  /// Appends a payload; answers how it was coded and how many bytes that took.
  @discardableResult mutating func append(
    _ payload: ArraySlice<UInt8>, _ type: TensorType
  ) throws(CodingError) -> (coding: TensorCoding, codedBytes: Int) {
    let before = bytes.count
    payloadBytes += payload.count
    tensorCount += 1
    let format = type.format(byteCount: payload.count)
    var best = (TensorCoding.verbatim, Array(payload))
    let elements = type.isVarints ? nil : ElementBytes(payload, format: format)
    if let elements {
      let planes = try Zstandard.compress(elements.planes)
      if planes.count < best.1.count { best = (.planes, planes) }
      if let palette = Palette(elements) {
        let coded = HuffmanPalette.encode(palette, gapBits: type.shape.count > 2 ? 8 : 5)
        if coded.count < best.1.count { best = (.huffman, coded) }
      }
    }
    bytes.append(best.0.rawValue)
    bytes.append(count: best.1.count)
    bytes.append(contentsOf: best.1)
    return (best.0, bytes.count - before)
  }
}

/// Decodes what a `HuffmanStreamWriter` has written.
struct HuffmanStreamReader {
  private var reader: ByteReader

  init(_ bytes: ArraySlice<UInt8>, section: String, offset: Int) {
    reader = ByteReader(bytes, section: section, origin: offset)
  }

  mutating func next(
    _ type: TensorType, _ byteCount: Int
  ) throws(CodingError) -> (payload: [UInt8], coding: TensorCoding, codedBytes: Int) {
    let start = reader.position
    let coding = TensorCoding(rawValue: try reader.byte())
    let coded = try reader.take(try reader.count())
    let codedBytes = reader.position - start
    let format = type.format(byteCount: byteCount)
    let count = ElementBytes.count(ofPayload: byteCount, format: format) ?? 0
    switch coding {
    case .verbatim: return (Array(coded), .verbatim, codedBytes)
    case .planes:
      guard !type.isVarints,
        let planes = Zstandard.decompress(coded, count: count * format.byteWidth)
      else { throw reader.damaged("byte planes of the wrong length") }
      var elements = ElementBytes(format: format, count: count)
      elements.planes = planes
      return (elements.payload, .planes, codedBytes)
    case .huffman:
      var elements = ElementBytes(format: format, count: count)
      guard !type.isVarints, HuffmanPalette.decode(coded, into: &elements) else {
        throw reader.damaged("Huffman codes that do not fit the tensor")
      }
      return (elements.payload, .huffman, codedBytes)
    default: throw reader.damaged("a coding of another kind of section")
    }
  }
}

extension ElementBytes {
  /// The first bytes of all elements, then the second bytes, and so on.
  var planes: [UInt8] {
    get {
      let width = format.byteWidth
      var planes: [UInt8] = []
      planes.reserveCapacity(bytes.count)
      for plane in 0..<width {
        for index in stride(from: plane, to: bytes.count, by: width) { planes.append(bytes[index]) }
      }
      return planes
    }
    set {
      let width = format.byteWidth
      let count = count
      guard newValue.count == bytes.count else { return }
      for index in bytes.indices { bytes[index] = newValue[index % width * count + index / width] }
    }
  }
}
