import CPithKernels

/// One way to code the elements of a tensor into an arithmetic stream, ready to be written.
enum TensorPlan {
  case verbatim(ElementBytes)
  case constant(UInt64, ElementFormat)
  case palette(Palette, SymbolRaster, zero: Int?, lags: [Int]?)
  case sparseFloats(ElementBytes, SymbolRaster, signedZeros: Bool)
  case floats(ElementBytes)
  case levels(ElementBytes, SymbolRaster)
  case bytes(ElementBytes)

  var coding: TensorCoding {
    switch self {
    case .verbatim: .verbatim
    case .constant: .constant
    case .palette: .palette
    case .sparseFloats(_, _, let signedZeros): signedZeros ? .signedZeroFloats : .sparseFloats
    case .floats: .floats
    case .levels: .levels
    case .bytes: .bytes
    }
  }

  /// The plans worth trying for a tensor, at least one.
  static func candidates(for elements: ElementBytes, shape: [Int]) -> [TensorPlan] {
    let raster = SymbolRaster(shape: shape, count: elements.count)
    var plans: [TensorPlan] = []
    let palette = Palette(elements)
    if let palette {
      if palette.entries.count == 1 { return [.constant(palette.entries[0], elements.format)] }
      plans += paletteCandidates(palette, raster)
    }
    if elements.format.isFloat {
      if palette == nil || elements.count < 4096 { plans.append(.floats(elements)) }
      if palette == nil {
        let (positive, negative) = zeros(elements)
        if positive * 50 >= elements.count {
          plans.append(.sparseFloats(elements, raster, signedZeros: false))
        }
        if negative * 50 >= elements.count {
          plans.append(.sparseFloats(elements, raster, signedZeros: true))
        }
      }
    } else {
      let isFewOrVaried =
        palette == nil ? elements.count <= ArchiveFormat.mostLevels : elements.count < 65536
      if isFewOrVaried, elements.format.width > 4 { plans.append(.levels(elements, raster)) }
      if elements.bytes.count < 65536 { plans.append(.bytes(elements)) }
    }
    if palette == nil || elements.count < 1024 { plans.append(.verbatim(elements)) }
    return plans
  }

  private static func paletteCandidates(_ palette: Palette, _ raster: SymbolRaster) -> [TensorPlan]
  {
    let zero = palette.mostFrequent
    let count = palette.symbols.count
    let isSparse = palette.counts[zero] * 10 >= count
    var plans: [TensorPlan] = []
    if isSparse && count >= 1024 {
      let lags = raster.bestLags(symbols: palette.symbols, zero: UInt8(zero))
      plans.append(.palette(palette, raster, zero: zero, lags: lags))
    }
    if isSparse && count < 1 << 18 {
      plans.append(.palette(palette, raster, zero: zero, lags: nil))
    }
    if !isSparse || (count < 1 << 18 && palette.counts[zero] * 4 < count) {
      plans.append(.palette(palette, raster, zero: nil, lags: nil))
    }
    return plans
  }

  /// How many elements are zero, and how many are negative zero.
  private static func zeros(_ elements: ElementBytes) -> (positive: Int, negative: Int) {
    let negativeZero = elements.format.negativeZero
    var count = (positive: 0, negative: 0)
    elements.forEach { _, bits in
      if bits == 0 { count.positive += 1 }
      if bits == negativeZero { count.negative += 1 }
      return true
    }
    return count
  }

  /// Writes the elements; the coding itself is known from elsewhere.
  func write(to encoder: ArithmeticEncoder, _ models: StreamModels) throws(CodingError) {
    var status: Int32 = 0
    switch self {
    case .verbatim(let elements):
      for byte in elements.payload { encoder.encode(verbatim: UInt32(byte), count: 8) }
    case .constant(let bits, let format):
      encoder.encode(verbatim: UInt32(truncatingIfNeeded: bits), count: min(format.width, 32))
      encoder.encode(verbatim: UInt32(truncatingIfNeeded: bits >> 32), count: format.width - 32)
    case .palette(let palette, let raster, let zero, let lags):
      try writeEntries(of: palette, to: encoder, models)
      status = writeMap(palette, raster, zero, lags, to: encoder, models)
    case .sparseFloats(let elements, let raster, let signedZeros):
      status = writeSparse(elements, raster, signedZeros, to: encoder, models)
    case .floats(let elements):
      pith_encode_floats(
        &encoder.coder, models.floats, elements.format.floats, elements.bytes, elements.count)
    case .levels(let elements, let raster):
      status = pith_encode_levels(
        &encoder.coder, raster.rows, raster.columns, elements.levels)
    case .bytes(let elements):
      let payload = elements.payload
      status = pith_encode_bytes(&encoder.coder, nil, 0, payload, payload.count)
    }
    if status != 0 { throw .outOfMemory }
  }

  private func writeEntries(
    of palette: Palette, to encoder: ArithmeticEncoder, _ models: StreamModels
  ) throws(CodingError) {
    let format = palette.format
    if format.width <= 8 {
      let used = Set(palette.entries)
      var history = 0
      for value in 0..<UInt64(1 << format.width) {
        let isUsed = used.contains(value)
        encoder.encode(isUsed, &models.flags[history])
        history = (history << 1 | (isUsed ? 1 : 0)) & 7
      }
      return
    }
    encoder.encode(palette.entries.count, as: .entryCount, models)
    if format.isFloat {
      var elements = ElementBytes(format: format, count: palette.entries.count)
      elements.fill { palette.entries[$0] }
      pith_encode_floats(
        &encoder.coder, models.floats, format.floats, elements.bytes, elements.count)
      return
    }
    var previous: Int64 = 0
    let steps = palette.entries.map { bits in
      let level = format.level(of: bits)
      defer { previous = level }
      return level &- previous
    }
    if pith_encode_levels(&encoder.coder, 1, steps.count, steps) != 0 { throw .outOfMemory }
  }

  private func writeMap(
    _ palette: Palette, _ raster: SymbolRaster, _ zero: Int?, _ lags: [Int]?,
    to encoder: ArithmeticEncoder, _ models: StreamModels
  ) -> Int32 {
    let count = palette.symbols.count
    encoder.encode(zero ?? palette.entries.count, as: .zeroSymbol, models)
    let others = count - (zero.map { palette.counts[$0] } ?? 0)
    let density = SymbolMapSettings.densityCode(others: others, count: count)
    if zero != nil { encoder.encode(density, as: .density, models) }
    encoder.encode(lags != nil, &models.flags[8])
    for lag in lags ?? [] { encoder.encode(lag, as: .lag, models) }
    var map = SymbolMapSettings(
      raster: raster, symbols: palette.entries.count, zero: zero, densityCode: density, lags: lags
    ).map
    return pith_encode_symbols(&encoder.coder, &map, palette.symbols)
  }

  private func writeSparse(
    _ elements: ElementBytes, _ raster: SymbolRaster, _ signedZeros: Bool,
    to encoder: ArithmeticEncoder, _ models: StreamModels
  ) -> Int32 {
    let negativeZero = signedZeros ? elements.format.negativeZero : 0
    var symbols = [UInt8](repeating: 0, count: elements.count)
    var others = 0
    var kept: [UInt64] = []
    elements.forEach { index, bits in
      guard bits != 0 else { return true }
      others += 1
      symbols[index] = 1
      if bits != negativeZero {
        if signedZeros { symbols[index] = 2 }
        kept.append(bits)
      }
      return true
    }
    let lags = raster.bestLags(symbols: symbols, zero: 0)
    let density = SymbolMapSettings.densityCode(others: others, count: elements.count)
    encoder.encode(density, as: .density, models)
    for lag in lags { encoder.encode(lag, as: .lag, models) }
    var map = SymbolMapSettings(
      raster: raster, symbols: signedZeros ? 3 : 2, zero: 0, densityCode: density, lags: lags
    ).map
    let status = pith_encode_symbols(&encoder.coder, &map, symbols)
    var values = ElementBytes(format: elements.format, count: kept.count)
    values.fill { kept[$0] }
    pith_encode_floats(
      &encoder.coder, models.floats, elements.format.floats, values.bytes, values.count)
    return status
  }
}

extension ElementBytes {
  /// The elements as whole numbers.
  var levels: [Int64] {
    var levels = [Int64](repeating: 0, count: count)
    let format = format
    forEach { index, bits in
      levels[index] = format.level(of: bits)
      return true
    }
    return levels
  }
}

extension ElementFormat {
  var floats: pith_float_format {
    pith_float_format(width: UInt32(width), exponent: UInt32(exponent))
  }
}
