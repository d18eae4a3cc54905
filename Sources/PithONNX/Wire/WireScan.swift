/// The first look at a file, before any object is made of it.
///
/// One pass over the protobuf bytes bounds nesting, counts and the memory that parsing would take,
/// and copies everything but the raw data of the model's own tensors, which are left where they
/// are: the copy holds an eight-byte index into `blobs` in their stead. So what is parsed is small,
/// and weights are never copied on the way.
struct WireScan {
  private(set) var skeleton: [UInt8] = []
  /// Where the raw data of the tensors lie in the file.
  private(set) var blobs: [Range<Int>] = []

  private let bytes: UnsafeRawBufferPointer
  private let limits: WireLimits
  private var memory = 0
  private var nodes = 0
  private let memoryLimit: Int

  /// - Parameter root: what the file holds, a model or a tensor.
  init(_ bytes: UnsafeRawBufferPointer, root: WireMessage, limits: WireLimits = WireLimits())
    throws(ONNXError)
  {
    self.bytes = bytes
    self.limits = limits
    memoryLimit = limits.memory(forFileOf: bytes.count)
    try scan(root, 0..<bytes.count, depth: 0, lifting: true)
  }

  /// - Parameter lifting: whether the raw data of tensors in here are left out; the bytes are then
  ///   copied field by field, otherwise only looked at.
  private mutating func scan(
    _ message: WireMessage, _ range: Range<Int>, depth: Int, lifting: Bool
  ) throws(ONNXError) {
    try count(message, depth)
    var cursor = WireCursor(bytes, range)
    while !cursor.isAtEnd {
      let field = try cursor.field()
      let inner = field.kind == .bytes ? message.message(in: field.number) : nil
      let lifted = lifting && lifts(message, field)
      if let inner, lifted {
        let place = beginMessage(field.number)
        try scan(inner, field.value, depth: depth + 1, lifting: true)
        try endMessage(place)
        continue
      }
      if let inner {
        try scan(inner, field.value, depth: depth + 1, lifting: false)
      } else {
        try countPlain(message, field)
      }
      guard lifting else { continue }
      if lifted {
        appendReference(field)
      } else {
        skeleton.append(
          contentsOf: UnsafeRawBufferPointer(rebasing: bytes[field.start..<field.value.upperBound]))
      }
    }
  }

  /// The way from a model down to the raw data of its initializers and node attributes.
  private func lifts(_ message: WireMessage, _ field: WireCursor.Field) -> Bool {
    guard field.kind == .bytes else { return false }
    switch (message, field.number) {
    case (.model, 7), (.graph, 1), (.graph, 5), (.node, 5), (.attribute, 5), (.tensor, 9):
      return true
    default: return false
    }
  }

  // MARK: - Limits

  private mutating func count(_ message: WireMessage, _ depth: Int) throws(ONNXError) {
    guard depth <= limits.depth else {
      throw .excessive("messages are nested deeper than \(limits.depth) levels")
    }
    if message == .node {
      nodes += 1
      guard nodes <= limits.nodes else {
        throw .excessive("more than \(limits.nodes) nodes")
      }
    }
    try take(limits.bytesPerMessage)
  }

  private mutating func countPlain(_ message: WireMessage, _ field: WireCursor.Field)
    throws(ONNXError)
  {
    guard let size = message.elementBytes(in: field.number) else {
      guard field.kind == .bytes else { return }
      let isRawData = message == .tensor && field.number == 9
      try take(limits.bytesPerText + (isRawData ? 0 : field.value.count))
      return
    }
    guard field.kind == .bytes else { return try take(2 * size) }
    let isFixed = message == .tensor ? [4, 10].contains(field.number) : field.number == 7
    let elements =
      isFixed ? field.value.count / size : bytes[field.value].count { $0 < 0x80 }
    try take(elements * size)
  }

  private mutating func take(_ bytes: Int) throws(ONNXError) {
    memory += bytes
    guard memory <= memoryLimit else {
      throw .excessive("its parts would take more than \(memoryLimit >> 20) MB once read")
    }
  }

  // MARK: - The copy

  /// Room for a length, filled in when it is known: a varint padded to five bytes.
  private mutating func beginMessage(_ number: Int) -> Int {
    appendVarint(UInt64(number) << 3 | 2)
    skeleton.append(contentsOf: [0x80, 0x80, 0x80, 0x80, 0])
    return skeleton.count
  }

  private mutating func endMessage(_ place: Int) throws(ONNXError) {
    let length = skeleton.count - place
    guard length < 1 << 31 else { throw .excessive("a message of \(length) bytes") }
    for index in 0..<4 { skeleton[place - 5 + index] |= UInt8(length >> (7 * index) & 0x7f) }
    skeleton[place - 1] = UInt8(length >> 28)
  }

  private mutating func appendReference(_ field: WireCursor.Field) {
    appendVarint(UInt64(field.number) << 3 | 2)
    skeleton.append(8)
    withUnsafeBytes(of: UInt64(blobs.count).littleEndian) { skeleton.append(contentsOf: $0) }
    blobs.append(field.value)
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      skeleton.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    skeleton.append(UInt8(rest))
  }
}

/// What a file may ask for.
struct WireLimits {
  /// Messages in messages; protobuf readers commonly stop at 100.
  var depth = 96
  var nodes = 250_000
  /// What one parsed message takes in memory, roughly.
  var bytesPerMessage = 256
  /// What one text or byte string takes besides its bytes.
  var bytesPerText = 32

  /// Memory for the parsed parts of a file, weights apart.
  func memory(forFileOf size: Int) -> Int {
    let (triple, overflow) = size.multipliedReportingOverflow(by: 3)
    return overflow ? .max : (128 << 20).addingReportingOverflow(triple).partialValue
  }
}
