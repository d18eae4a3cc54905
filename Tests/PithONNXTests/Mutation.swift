import PithTensors

/// Damage done to a file, by bytes or by the structure that protobuf gives it.
enum Mutation {
  static func mutate(_ bytes: [UInt8], _ random: inout Philox) -> [UInt8] {
    var result = bytes
    for _ in 0...Int(random.next() % 3) {
      switch random.next() % 8 {
      case 0: flip(&result, &random)
      case 1: result.removeLast(Int(random.next() % UInt64(result.count / 4 + 1)))
      default: result = edit(result, depth: 0, &random)
      }
      if result.isEmpty { return [] }
    }
    return result
  }

  /// The file again and again, each time with one number, or one element of raw data, extreme.
  static func extremes(of bytes: [UInt8]) -> [[UInt8]] {
    var results: [[UInt8]] = []
    visit(bytes) { results.append($0) }
    return results
  }

  private static func visit(_ bytes: [UInt8], _ body: ([UInt8]) -> Void) {
    let numbers: [Int64] = [.min, .min + 1, -(1 << 31), -1, 0, 1, 1 << 31, 1 << 40, .max]
    guard let fields = Field.parse(bytes), !fields.isEmpty else { return }
    for place in fields.indices {
      var changed = fields
      if fields[place].kind == 0 {
        for number in numbers {
          changed[place].setNumber(number)
          body(changed.flatMap(\.bytes))
        }
      } else if fields[place].kind == 2 {
        let payload = fields[place].payload
        if payload.count % 8 == 0, payload.count <= 64, fields[place].number == 9 {
          for start in stride(from: 0, to: payload.count, by: 8) {
            for number in numbers {
              changed[place].payload = payload
              changed[place].payload.replaceSubrange(
                start..<start + 8, with: withUnsafeBytes(of: number) { Array($0) })
              body(changed.flatMap(\.bytes))
            }
          }
        } else {
          visit(payload) {
            changed[place].payload = $0
            body(changed.flatMap(\.bytes))
          }
        }
      }
    }
  }

  private static func flip(_ bytes: inout [UInt8], _ random: inout Philox) {
    for _ in 0...Int(random.next() % 8) where !bytes.isEmpty {
      let place = Int(random.next() % UInt64(bytes.count))
      bytes[place] ^= 1 << UInt8(random.next() % 8)
    }
  }

  /// Changes one field of a message, or of a message inside.
  private static func edit(_ bytes: [UInt8], depth: Int, _ random: inout Philox) -> [UInt8] {
    guard var fields = Field.parse(bytes), !fields.isEmpty else {
      var changed = bytes
      flip(&changed, &random)
      return changed
    }
    let place = Int(random.next() % UInt64(fields.count))
    // Go on inside seven times of eight, so that most damage is deep.
    if fields[place].kind == 2, random.next() % 8 != 0, depth < 12 {
      fields[place].payload = edit(fields[place].payload, depth: depth + 1, &random)
      return fields.flatMap(\.bytes)
    }
    let other = Int(random.next() % UInt64(fields.count))
    switch random.next() % 6 {
    case 0: fields.remove(at: place)
    case 1: fields.insert(fields[place], at: other)
    case 2: fields.swapAt(place, other)
    case 3: fields[place].number = 1 + Int(random.next() % 25)
    case 4: fields[place].payload = fields[other].payload
    default: fields[place].setNumber(interesting[Int(random.next() % UInt64(interesting.count))])
    }
    return fields.flatMap(\.bytes)
  }

  private static let interesting: [Int64] = [
    0, 1, 2, 3, 7, 8, 16, -1, -2, 64, 255, 1 << 20, 1 << 31, 1 << 40, .max, .min, .max - 1,
  ]
}

/// One field of a message: its number, how it is laid out, and its value's bytes.
struct Field {
  var number: Int
  var kind: UInt8
  var payload: [UInt8]

  var bytes: [UInt8] {
    Protobuf.varint(UInt64(number) << 3 | UInt64(kind))
      + (kind == 2 ? Protobuf.varint(UInt64(payload.count)) : []) + payload
  }

  mutating func setNumber(_ value: Int64) {
    switch kind {
    case 0: payload = Protobuf.varint(UInt64(bitPattern: value))
    case 5: payload = withUnsafeBytes(of: Int32(truncatingIfNeeded: value)) { Array($0) }
    default: payload = withUnsafeBytes(of: value) { Array($0) }
    }
  }

  /// The fields, or nil where the bytes are no message.
  static func parse(_ bytes: [UInt8]) -> [Field]? {
    var fields: [Field] = []
    var place = 0
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) where place < bytes.count {
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7f) << UInt64(shift)
        if byte < 0x80 { return value }
      }
      return nil
    }
    while place < bytes.count {
      guard let tag = varint(), (8..<256 * 8).contains(tag) else { return nil }
      let kind = UInt8(tag & 7)
      let start = place
      var length = 0
      switch kind {
      case 0: if varint() == nil { return nil }
      case 1: length = 8
      case 5: length = 4
      case 2:
        guard let count = varint(), count <= UInt64(bytes.count - place) else { return nil }
        length = Int(count)
      default: return nil
      }
      let begin = kind == 0 ? start : place
      guard place + length <= bytes.count else { return nil }
      place += length
      fields.append(
        Field(number: Int(tag >> 3), kind: kind, payload: Array(bytes[begin..<place])))
    }
    return fields
  }
}
