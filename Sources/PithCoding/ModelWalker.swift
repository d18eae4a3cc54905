/// What a walk over a model reads from and reports to.
///
/// Packing reads the model itself and sets the payloads of its tensors aside; unpacking reads the
/// model's text without them and puts them back. Both are the same walk.
protocol ModelTape {
  /// Bytes of the model passed so far.
  var position: Int { get }
  /// Bytes of the whole model.
  var end: Int { get }
  /// Passes the next bytes, which stay in the model's text, and returns them.
  mutating func read(_ count: Int) throws(CodingError) -> ArraySlice<UInt8>
  /// Passes the payload of a tensor.
  mutating func payload(_ type: TensorType, _ count: Int) throws(CodingError)
  /// The tensor whose payloads came since the last call is complete.
  mutating func endTensor(_ tensor: WalkedTensor)
  /// What to throw when the model is no well-formed message.
  func malformed(_ reason: String) -> CodingError
}

/// What a walk has learned about a tensor.
struct WalkedTensor {
  var name = ""
  var type = TensorType()
  /// Keys and values of `external_data`.
  var external: [String: String] = [:]
}

/// Walks over the protobuf wire format of an ONNX model and finds the payloads of its tensors, in
/// initializers, attributes, subgraphs and functions.
///
/// What is no tensor is passed over as it stands, so nothing needs to be understood that is not
/// asked for.
struct ModelWalker<Tape: ModelTape> {
  var tape: Tape

  /// Deeper messages than this are passed over, and their tensors stay in the text.
  private static var deepest: Int { 48 }

  /// Messages of ONNX that lead to tensors.
  private enum Message {
    case model, graph, node, attribute, sparseTensor, tensor, training, function

    /// The message in a field, when it leads to tensors.
    func child(in field: UInt64) -> Message? {
      switch (self, field) {
      case (.model, 7), (.attribute, 6), (.attribute, 11), (.training, 1), (.training, 2): .graph
      case (.model, 20): .training
      case (.model, 25): .function
      case (.graph, 1), (.function, 7): .node
      case (.node, 5), (.function, 11): .attribute
      case (.graph, 5), (.attribute, 5), (.attribute, 10), (.sparseTensor, 1),
        (.sparseTensor, 2):
        .tensor
      case (.graph, 15), (.attribute, 22), (.attribute, 23): .sparseTensor
      default: nil
      }
    }
  }

  /// Payloads below this stay in the text, which costs less for them.
  private static func smallestPayload(_ type: TensorType) -> Int {
    ElementFormat(onnxType: type.onnxType).isFloat && !type.isVarints ? 8 : 48
  }

  /// Passes over the whole model.
  mutating func walk() throws(CodingError) { try walk(.model, end: tape.end, depth: 0) }

  private mutating func walk(_ message: Message, end: Int, depth: Int) throws(CodingError) {
    while tape.position < end {
      let tag = try varint(end)
      let field = tag >> 3
      switch tag & 7 {
      case 0: _ = try varint(end)
      case 1: try pass(8, end)
      case 5: try pass(4, end)
      case 2:
        let count = try length(end)
        let child = depth < ModelWalker.deepest ? message.child(in: field) : nil
        switch child {
        case nil: try pass(count, end)
        case .tensor: try walkTensor(end: tape.position + count)
        case .some(let child):
          try walk(child, end: tape.position + count, depth: depth + 1)
        }
      default: throw tape.malformed("an unknown wire type")
      }
    }
    guard tape.position == end else { throw tape.malformed("a field crosses its message's end") }
  }

  private mutating func walkTensor(end: Int) throws(CodingError) {
    var tensor = WalkedTensor()
    while tape.position < end {
      let tag = try varint(end)
      let field = tag >> 3
      switch tag & 7 {
      case 0:
        let value = try varint(end)
        if field == 1 { tensor.type.shape.append(Int(truncatingIfNeeded: value)) }
        if field == 2 { tensor.type.onnxType = Int(truncatingIfNeeded: value) }
      case 1: try pass(8, end)
      case 5: try pass(4, end)
      case 2: try walkTensorField(field, try length(end), end, &tensor)
      default: throw tape.malformed("an unknown wire type")
      }
    }
    guard tape.position == end else { throw tape.malformed("a field crosses its tensor's end") }
    tape.endTensor(tensor)
  }

  private mutating func walkTensorField(
    _ field: UInt64, _ count: Int, _ end: Int, _ tensor: inout WalkedTensor
  ) throws(CodingError) {
    switch field {
    case 1:
      for value in Varints.decode(try tape.read(count)) ?? [] {
        tensor.type.shape.append(Int(truncatingIfNeeded: value))
      }
    case 4, 5, 7, 9, 10, 11:
      var type = tensor.type
      type.isVarints = field == 5 || field == 7 || field == 11
      if field == 4 && type.onnxType != 14 { type.onnxType = 1 }
      if field == 10 && type.onnxType != 15 { type.onnxType = 11 }
      if count >= ModelWalker.smallestPayload(type) {
        try tape.payload(type, count)
      } else {
        try pass(count, end)
      }
    case 8: tensor.name = String(decoding: try tape.read(count), as: UTF8.self)
    case 13:
      let entry = ExternalEntry(try tape.read(count))
      if let entry { tensor.external[entry.key] = entry.value }
    default: try pass(count, end)
    }
  }

  private mutating func pass(_ count: Int, _ end: Int) throws(CodingError) {
    guard count <= end - tape.position else { throw tape.malformed("a field is cut") }
    _ = try tape.read(count)
  }

  private mutating func length(_ end: Int) throws(CodingError) -> Int {
    let count = try varint(end)
    guard count <= UInt64(max(end - tape.position, 0)) else {
      throw tape.malformed("a field is longer than its message")
    }
    return Int(count)
  }

  private mutating func varint(_ end: Int) throws(CodingError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard tape.position < end else { throw tape.malformed("a number is cut") }
      let byte = try tape.read(1).first ?? 0
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
    }
    throw tape.malformed("a number has too many digits")
  }
}

/// One `StringStringEntryProto`.
private struct ExternalEntry {
  var key = ""
  var value = ""

  init?(_ bytes: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes, section: "", origin: 0)
    do throws(CodingError) {
      while reader.left > 0 {
        let tag = try reader.byte()
        let text = try reader.take(try reader.count())
        if tag == 0x0a { key = String(decoding: text, as: UTF8.self) }
        if tag == 0x12 { value = String(decoding: text, as: UTF8.self) }
      }
    } catch {
      return nil
    }
  }
}
