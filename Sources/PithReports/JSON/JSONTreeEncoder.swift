import Foundation

/// Encodes a value into a `JSONTree`: members in the order of their declaration, dictionaries by
/// name, dates as ISO 8601, what is absent or not finite as null.
struct JSONTreeEncoder: Encoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let slot: Slot

  static func tree(of value: some Encodable) throws -> JSONTree {
    let slot = Slot()
    try slot.encode(value, at: [])
    return slot.tree
  }

  fileprivate init(codingPath: [any CodingKey], slot: Slot) {
    self.codingPath = codingPath
    self.slot = slot
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.becomeObject()
    return KeyedEncodingContainer(ObjectContainer<Key>(codingPath: codingPath, slot: slot))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.becomeArray()
    return ArrayContainer(codingPath: codingPath, slot: slot)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    ValueContainer(codingPath: codingPath, slot: slot)
  }
}

/// One place in the document, filled while its value encodes itself.
private final class Slot {
  private enum Content {
    case value(JSONTree)
    case array([Slot])
    case object([(name: String, slot: Slot)])
  }

  private var content = Content.value(.null)

  var tree: JSONTree {
    switch content {
    case .value(let tree): tree
    case .array(let slots): .array(slots.map(\.tree))
    case .object(let members): .object(members.map { .init(name: $0.name, value: $0.slot.tree) })
    }
  }

  var count: Int {
    if case .array(let slots) = content { slots.count } else { 0 }
  }

  func becomeObject() {
    if case .object = content { return }
    content = .object([])
  }

  func becomeArray() {
    if case .array = content { return }
    content = .array([])
  }

  func member(_ name: String) -> Slot {
    let slot = Slot()
    if case .object(let members) = content { content = .object(members + [(name, slot)]) }
    return slot
  }

  func element() -> Slot {
    let slot = Slot()
    if case .array(var slots) = content {
      content = .value(.null)
      slots.append(slot)
      content = .array(slots)
    }
    return slot
  }

  func encode<Value: Encodable>(_ value: Value, at path: [any CodingKey]) throws {
    switch value {
    case let value as String: content = .value(.string(value))
    case let value as Bool: content = .value(.literal(value ? "true" : "false"))
    case let value as any BinaryInteger: content = .value(.literal("\(value)"))
    case let value as Double: content = .value(value.isFinite ? .literal("\(value)") : .null)
    case let value as Float: content = .value(value.isFinite ? .literal("\(value)") : .null)
    case let value as Date: content = .value(.string(value.formatted(.iso8601)))
    case let value as [String: any Encodable]:
      becomeObject()
      for (name, item) in value.sorted(by: { $0.key < $1.key }) {
        try member(name).encode(item, at: path)
      }
    default: try value.encode(to: JSONTreeEncoder(codingPath: path, slot: self))
    }
  }
}

private struct ObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let codingPath: [any CodingKey]
  let slot: Slot

  mutating func encodeNil(forKey key: Key) { _ = slot.member(key.stringValue) }

  mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try slot.member(key.stringValue).encode(value, at: codingPath + [key])
  }

  mutating func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    superEncoder(forKey: key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    superEncoder(forKey: key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    JSONTreeEncoder(codingPath: codingPath, slot: slot.member("super"))
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder {
    JSONTreeEncoder(codingPath: codingPath + [key], slot: slot.member(key.stringValue))
  }
}

private struct ArrayContainer: UnkeyedEncodingContainer {
  let codingPath: [any CodingKey]
  let slot: Slot
  var count: Int { slot.count }

  mutating func encodeNil() { _ = slot.element() }

  mutating func encode<Value: Encodable>(_ value: Value) throws {
    try slot.element().encode(value, at: codingPath)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    superEncoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    superEncoder().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    JSONTreeEncoder(codingPath: codingPath, slot: slot.element())
  }
}

private struct ValueContainer: SingleValueEncodingContainer {
  let codingPath: [any CodingKey]
  let slot: Slot

  mutating func encodeNil() {}

  mutating func encode<Value: Encodable>(_ value: Value) throws {
    try slot.encode(value, at: codingPath)
  }
}
