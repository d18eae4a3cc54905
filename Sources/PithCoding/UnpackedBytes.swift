/// Where unpacked bytes go: they are kept, or only compared with those they should be.
struct UnpackedBytes {
  /// Empty where bytes are compared.
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  /// Whether all bytes so far are those they should be.
  private(set) var agrees = true
  private let expected: [UInt8]?

  init(expected: [UInt8]? = nil) { self.expected = expected }

  mutating func append(_ new: some Collection<UInt8>) {
    defer { count += new.count }
    guard let expected else { return bytes.append(contentsOf: new) }
    agrees =
      agrees && new.count <= expected.count - count
      && expected[count..<count + new.count].elementsEqual(new)
  }

  var hash: UInt64 { xxHash64(expected ?? bytes) }

  /// Whether all is there.
  var isComplete: Bool { agrees && (expected.map { $0.count == count } ?? true) }
}
