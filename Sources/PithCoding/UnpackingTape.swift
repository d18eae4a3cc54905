/// Reads a model's text and puts the payloads of its tensors back.
struct UnpackingTape: ModelTape {
  private let text: ArraySlice<UInt8>
  private var textPosition: Int
  private var payloads: PayloadReader
  private(set) var model: UnpackedBytes
  private(set) var tensors: [WalkedTensor] = []
  let end: Int
  private let section: String

  /// - Parameter expected: the model, where unpacking is to be proven and nothing kept.
  init(
    text: ArraySlice<UInt8>, payloads: PayloadReader, end: Int, section: String,
    expected: [UInt8]?
  ) {
    model = UnpackedBytes(expected: expected)
    self.text = text
    self.payloads = payloads
    self.end = end
    self.section = section
    textPosition = text.startIndex
  }

  var position: Int { model.count }
  /// Whether the text and all payloads have been used up.
  var isComplete: Bool { textPosition == text.endIndex && payloads.isEmpty }
  var entries: [ArchiveEntry] { payloads.entries }

  mutating func read(_ count: Int) throws(CodingError) -> ArraySlice<UInt8> {
    guard count <= text.endIndex - textPosition, count <= end - position else {
      throw malformed("the text ends early")
    }
    let bytes = text[textPosition..<textPosition + count]
    textPosition += count
    model.append(bytes)
    return bytes
  }

  mutating func payload(_ type: TensorType, _ count: Int) throws(CodingError) {
    guard count <= end - position else { throw malformed("a tensor crosses the model's end") }
    model.append(try payloads.next(type, byteCount: count))
  }

  mutating func endTensor(_ tensor: WalkedTensor) {
    payloads.name(tensor.name)
    if !tensor.external.isEmpty { tensors.append(tensor) }
  }

  func malformed(_ reason: String) -> CodingError {
    .damaged(section: section, offset: textPosition - text.startIndex, reason: reason)
  }
}
