/// ONNX models as protobuf bytes, written field by field.
struct ModelBytes {
  /// A length-delimited field.
  static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(bytes.count) + bytes
  }

  static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  static func field(_ number: Int, value: Int) -> [UInt8] { varint(number << 3) + varint(value) }

  static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(value))
    var bytes: [UInt8] = []
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// A `TensorProto` whose payload is in `field` (9: raw data).
  static func tensor(
    _ name: String, type: Int, shape: [Int], payload: [UInt8], in payloadField: Int = 9
  ) -> [UInt8] {
    shape.flatMap { field(1, value: $0) } + field(2, value: type) + field(8, name)
      + field(payloadField, payload)
  }

  /// A `TensorProto` whose elements are in a file.
  static func external(
    _ name: String, type: Int, shape: [Int], location: String, offset: Int, length: Int
  ) -> [UInt8] {
    let entries = [("location", location), ("offset", "\(offset)"), ("length", "\(length)")]
    return shape.flatMap { field(1, value: $0) } + field(2, value: type) + field(8, name)
      + entries.flatMap { field(13, field(1, $0.0) + field(2, $0.1)) } + field(14, value: 1)
  }

  /// A model whose graph has these initializers.
  static func model(initializers: [[UInt8]], nodes: [[UInt8]] = []) -> [UInt8] {
    let graph =
      nodes.flatMap { field(1, $0) } + field(2, "graph") + initializers.flatMap { field(5, $0) }
    return field(1, value: 8) + field(2, "pith") + field(7, graph)
      + field(8, field(2, value: 17))
  }

  /// A node `Constant` with a tensor.
  static func constant(_ tensor: [UInt8]) -> [UInt8] {
    field(2, "value") + field(4, "Constant") + field(5, field(1, "value") + field(5, tensor))
  }

  static func bytes<Element: FixedWidthInteger>(_ elements: [Element]) -> [UInt8] {
    elements.flatMap { element in withUnsafeBytes(of: element.littleEndian) { Array($0) } }
  }

  static func bytes(_ elements: [Float]) -> [UInt8] { bytes(elements.map(\.bitPattern)) }

  /// A small network with weights of several kinds.
  static func smallNetwork(seed: UInt64) -> [UInt8] {
    var random = Randomness(seed: seed)
    let indices = (0..<1600).map { _ in
      UInt8.random(in: 0..<10, using: &random) == 0 ? UInt8.random(in: 1..<16, using: &random) : 0
    }
    let codebook = (0..<16).map { Float($0) / 8 - 1 }
    let biases = (0..<40).map { _ in random.gaussian() }
    let sparse = (0..<900).map { $0 % 7 == 0 ? random.gaussian() : 0 }
    return model(
      initializers: [
        tensor("conv.weight.indices", type: 2, shape: [16, 4, 5, 5], payload: indices),
        tensor("conv.weight.codebook", type: 1, shape: [16], payload: bytes(codebook)),
        tensor("fc.bias", type: 1, shape: [40], payload: bytes(biases)),
        tensor("fc.weight", type: 1, shape: [30, 30], payload: bytes(sparse)),
        tensor("shape", type: 7, shape: [2], payload: bytes([Int64(1), -1])),
      ], nodes: [constant(tensor("c", type: 1, shape: [40], payload: bytes(biases)))])
  }
}
