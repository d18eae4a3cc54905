import CPithKernels

/// Decodes what a `TensorStreamWriter` has written, tensor by tensor.
struct TensorStreamReader {
  private let decoder: ArithmeticDecoder
  private var consumed = 0
  private let models: StreamModels
  private let section: String
  private let offset: Int

  /// A reader of a stream that begins at `offset` of the file.
  init(_ bytes: ArraySlice<UInt8>, section: String, offset: Int) throws(CodingError) {
    guard let decoder = ArithmeticDecoder(bytes) else {
      throw .damaged(section: section, offset: offset, reason: "the stream has no valid length")
    }
    self.decoder = decoder
    self.section = section
    self.offset = offset
    models = try StreamModels()
  }

  /// The next payload, of `byteCount` bytes.
  mutating func next(
    _ type: TensorType, byteCount: Int
  ) throws(CodingError) -> (payload: [UInt8], coding: TensorCoding) {
    var format = type.format(byteCount: byteCount)
    var isVarints = false
    var count = ElementBytes.count(ofPayload: byteCount, format: format) ?? 0
    if type.isVarints {
      isVarints = decoder.decode(&models.flags[9])
      if isVarints {
        count = decoder.decode(.elementCount, models)
        guard byteCount <= ArchiveFormat.largestVarints, count <= byteCount else {
          throw damaged("more whole numbers than bytes")
        }
      } else {
        format = .byte
        count = byteCount
      }
    }
    guard count > 0, count <= byteCount * 2 else { throw damaged("an impossible element count") }
    let coding = try nextCoding(isFloat: format.isFloat)
    let elements = try nextElements(coding, format, count, type.shape)
    if decoder.isExhausted { throw damaged("the stream ends early") }
    guard isVarints else { return (elements.payload, coding) }
    var numbers: [UInt64] = []
    elements.forEach { _, bits in
      numbers.append(bits)
      return true
    }
    let payload = Varints.encode(numbers)
    guard payload.count == byteCount else { throw damaged("whole numbers of the wrong length") }
    return (payload, coding)
  }

  private func damaged(_ reason: String) -> CodingError {
    .damaged(section: section, offset: offset, reason: reason)
  }

  private func nextCoding(isFloat: Bool) throws(CodingError) -> TensorCoding {
    var node = 1
    for _ in 0..<4 {
      let bit = decoder.decode(&models.choices[(isFloat ? TensorCoding.treeSize : 0) + node])
      node = node * 2 + (bit ? 1 : 0)
    }
    guard let coding = TensorCoding(rawValue: UInt8(node - TensorCoding.treeSize)) else {
      throw damaged("an unknown coding")
    }
    return coding
  }

  private func nextElements(
    _ coding: TensorCoding, _ format: ElementFormat, _ count: Int, _ shape: [Int]
  ) throws(CodingError) -> ElementBytes {
    let raster = SymbolRaster(shape: shape, count: count)
    var elements = ElementBytes(format: format, count: count)
    switch coding {
    case .verbatim: readVerbatim(&elements)
    case .constant:
      let low = UInt64(decoder.decode(verbatim: min(format.width, 32)))
      let bits = low | UInt64(decoder.decode(verbatim: format.width - 32)) << 32
      elements.fill { _ in bits }
    case .palette: try readPalette(&elements, raster)
    case .sparseFloats, .signedZeroFloats:
      guard format.isFloat else { throw damaged("a coding that does not fit the type") }
      try readSparse(&elements, raster, signedZeros: coding == .signedZeroFloats)
    case .floats:
      guard format.isFloat else { throw damaged("a coding that does not fit the type") }
      pith_decode_floats(
        &decoder.coder, models.floats, format.floats, &elements.bytes, count)
    case .levels:
      guard count <= ArchiveFormat.mostLevels else { throw damaged("too many levels") }
      var levels = [Int64](repeating: 0, count: count)
      let status = pith_decode_levels(&decoder.coder, raster.rows, raster.columns, &levels)
      if status != 0 { throw .outOfMemory }
      elements.fill { format.bits(of: levels[$0]) }
    case .bytes: try readBytes(&elements)
    case .huffman, .planes: throw damaged("a coding of another kind of section")
    }
    return elements
  }

  private func readVerbatim(_ elements: inout ElementBytes) {
    if elements.format.width == 4 {
      elements.fill { _ in UInt64(decoder.decode(verbatim: 4)) }
    } else {
      for index in elements.bytes.indices {
        elements.bytes[index] = UInt8(decoder.decode(verbatim: 8))
      }
    }
  }

  private func readBytes(_ elements: inout ElementBytes) throws(CodingError) {
    let size = elements.format.width == 4 ? elements.count / 2 : elements.bytes.count
    guard size <= 1 << 20 else { throw damaged("too many bytes for their coding") }
    var payload = [UInt8](repeating: 0, count: size)
    if pith_decode_bytes(&decoder.coder, nil, 0, &payload, size) != 0 { throw .outOfMemory }
    if let read = ElementBytes(payload[...], format: elements.format) { elements = read }
  }

  private func readPalette(
    _ elements: inout ElementBytes, _ raster: SymbolRaster
  ) throws(CodingError) {
    let entries = try readEntries(elements.format)
    let zero = decoder.decode(.zeroSymbol, models)
    guard zero <= entries.count else { throw damaged("a zero symbol that does not exist") }
    let hasZero = zero < entries.count
    let density = hasZero ? decoder.decode(.density, models) : 255
    let lags = decoder.decode(&models.flags[8]) ? try readLags(elements.count) : nil
    let symbols = try readMap(
      raster, symbols: entries.count, zero: hasZero ? zero : nil, density: density, lags: lags)
    elements.fill { entries[Int(symbols[$0])] }
  }

  private func readEntries(_ format: ElementFormat) throws(CodingError) -> [UInt64] {
    var entries: [UInt64] = []
    if format.width <= 8 {
      var history = 0
      for value in 0..<UInt64(1 << format.width) {
        let isUsed = decoder.decode(&models.flags[history])
        if isUsed { entries.append(value) }
        history = (history << 1 | (isUsed ? 1 : 0)) & 7
      }
      entries.sort { format.rank(of: $0) < format.rank(of: $1) }
      guard entries.count >= 2 else { throw damaged("a palette of fewer than two elements") }
      return entries
    }
    let count = decoder.decode(.entryCount, models)
    guard (2...Palette.largest).contains(count) else { throw damaged("a palette of wrong size") }
    if format.isFloat {
      var elements = ElementBytes(format: format, count: count)
      pith_decode_floats(
        &decoder.coder, models.floats, format.floats, &elements.bytes, count)
      elements.forEach { _, bits in
        entries.append(bits)
        return true
      }
      return entries
    }
    var steps = [Int64](repeating: 0, count: count)
    if pith_decode_levels(&decoder.coder, 1, count, &steps) != 0 { throw .outOfMemory }
    var level: Int64 = 0
    return steps.map { step in
      level = level &+ step
      return format.bits(of: level)
    }
  }

  private func readLags(_ count: Int) throws(CodingError) -> [Int] {
    let lags = [decoder.decode(.lag, models), decoder.decode(.lag, models)]
    guard lags.allSatisfy({ $0 >= 1 && $0 <= count }) else { throw damaged("a lag out of range") }
    return lags
  }

  private func readMap(
    _ raster: SymbolRaster, symbols: Int, zero: Int?, density: Int, lags: [Int]?
  ) throws(CodingError) -> [UInt8] {
    guard (1...255).contains(density) else { throw damaged("a density out of range") }
    var map = SymbolMapSettings(
      raster: raster, symbols: symbols, zero: zero, densityCode: density, lags: lags
    ).map
    var decoded = [UInt8](repeating: 0, count: raster.rows * raster.columns)
    if pith_decode_symbols(&decoder.coder, &map, &decoded) != 0 { throw .outOfMemory }
    return decoded
  }

  private func readSparse(
    _ elements: inout ElementBytes, _ raster: SymbolRaster, signedZeros: Bool
  ) throws(CodingError) {
    let density = decoder.decode(.density, models)
    let lags = try readLags(elements.count)
    let symbols = signedZeros ? 3 : 2
    let map = try readMap(raster, symbols: symbols, zero: 0, density: density, lags: lags)
    let isKept = UInt8(symbols - 1)
    let kept = map.count { $0 == isKept }
    var values = ElementBytes(format: elements.format, count: kept)
    pith_decode_floats(
      &decoder.coder, models.floats, elements.format.floats, &values.bytes, kept)
    var bits: [UInt64] = []
    bits.reserveCapacity(kept)
    values.forEach { _, value in
      bits.append(value)
      return true
    }
    let negativeZero = elements.format.negativeZero
    var next = 0
    elements.fill { index in
      guard map[index] == isKept, next < bits.count else {
        return map[index] == 0 ? 0 : negativeZero
      }
      defer { next += 1 }
      return bits[next]
    }
  }
}

extension TensorStreamReader {
  /// Bytes of the stream used since the last call.
  mutating func takeConsumed() -> Int {
    let position = decoder.coder.input_position + decoder.coder.verbatim_position
    defer { consumed = position }
    return position - consumed
  }
}
