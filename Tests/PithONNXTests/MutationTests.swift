import Foundation
import PithGraph
import PithONNX
import PithTensors
import Testing

/// Damaged models give a graph or an error, whatever the damage: 1,000 seeded mutations of each kind
/// of file. `PITH_MUTATIONS` sets another number for long runs.
struct MutationTests {
  private static let count =
    ProcessInfo.processInfo.environment["PITH_MUTATIONS"].flatMap { Int($0) } ?? 1000

  @Test func damagedFixturesGiveAGraphOrAnError() throws {
    let files = try Fixture.all.map { try [UInt8](Data(contentsOf: $0.url)) }
    let counts = mutate(files, seed: 1)
    #expect(counts.graphs + counts.errors == Self.count)
    // The damage is of a kind that often leaves something to read.
    #expect(counts.graphs > Self.count / 10 && counts.errors > Self.count / 10)
  }

  @Test(.disabled(if: sharedModels.isEmpty, "needs the networks of the shared data"))
  func damagedNetworksGiveAGraphOrAnError() throws {
    let names = [
      "lenet300_100_mnist.onnx", "resnet8_cifar10_mlperftiny.onnx", "resnet20_cifar10.onnx",
    ]
    let files = try sharedModels.filter { names.contains($0.lastPathComponent) }
      .map { try [UInt8](Data(contentsOf: $0)) }
    let counts = mutate(files, seed: 2)
    #expect(counts.graphs + counts.errors == Self.count)
  }

  private func mutate(_ files: [[UInt8]], seed: UInt64) -> (graphs: Int, errors: Int) {
    var random = Philox(seed: seed)
    var graphs = 0
    var errors = 0
    for round in 0..<Self.count {
      let bytes = Mutation.mutate(files[round % files.count], &random)
      do throws(ONNXError) {
        exercise(try ONNXReader.read(bytes, baseURL: Fixture.folder))
        graphs += 1
      } catch {
        #expect(!error.description.isEmpty)
        errors += 1
      }
    }
    return (graphs, errors)
  }

  /// Everything that inspection does to a graph.
  private func exercise(_ graph: Graph) {
    try? graph.verify()
    #expect(!GraphPrinter(graph).text.isEmpty)
    for node in graph.nodes {
      let inputs = graph.inputFacts(of: node)
      let outputs = node.outputs.compactMap { $0.flatMap { graph.fact(of: $0) } }
      if outputs.count == node.outputs.count, !inputs.contains(where: { $0 == nil }) {
        #expect(node.operator.cost(inputs, outputs).macs >= 0)
      }
    }
    _ = try? ONNXWriter.bytes(of: graph)
  }
}

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
private struct Field {
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
