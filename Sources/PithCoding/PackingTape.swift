/// A piece of a model's bytes that holds the elements of a tensor.
struct TensorPayload {
  var name = ""
  let type: TensorType
  let range: Range<Int>
}

/// Reads a model and parts it into its text and the payloads of its tensors.
struct PackingTape: ModelTape {
  let model: [UInt8]
  private(set) var position = 0
  private(set) var text: [UInt8] = []
  private(set) var payloads: [TensorPayload] = []
  private(set) var external: [WalkedTensor] = []
  private var firstUnnamed = 0

  init(_ model: [UInt8]) { self.model = model }

  var end: Int { model.count }

  mutating func read(_ count: Int) throws(CodingError) -> ArraySlice<UInt8> {
    guard count <= model.count - position else { throw malformed("the model ends early") }
    let bytes = model[position..<position + count]
    text.append(contentsOf: bytes)
    position += count
    return bytes
  }

  mutating func payload(_ type: TensorType, _ count: Int) throws(CodingError) {
    guard count <= model.count - position else { throw malformed("the model ends early") }
    payloads.append(TensorPayload(type: type, range: position..<position + count))
    position += count
  }

  mutating func endTensor(_ tensor: WalkedTensor) {
    for index in firstUnnamed..<payloads.count { payloads[index].name = tensor.name }
    firstUnnamed = payloads.count
    if !tensor.external.isEmpty { external.append(tensor) }
  }

  func malformed(_ reason: String) -> CodingError {
    .damaged(section: "model", offset: position, reason: reason)
  }
}
