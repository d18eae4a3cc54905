/// Protobuf fields written by hand, for files that no library would write.
enum Protobuf {
  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func field(_ number: Int, _ payload: [UInt8]) -> [UInt8] {
    varint(UInt64(number) << 3 | 2) + varint(UInt64(payload.count)) + payload
  }

  static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  static func field(_ number: Int, _ value: Int) -> [UInt8] {
    varint(UInt64(number) << 3) + varint(UInt64(bitPattern: Int64(value)))
  }

  // MARK: - ONNX

  /// A model of operator set 13 around the fields of a graph.
  static func model(graph: [UInt8], opset: Int = 13, ir: Int = 8) -> [UInt8] {
    field(1, ir) + field(8, field(1, "") + field(2, opset)) + field(7, graph)
  }

  static func node(
    _ kind: String, _ inputs: [String], _ outputs: [String], name: String = "node",
    attributes: [[UInt8]] = []
  ) -> [UInt8] {
    field(
      1,
      inputs.flatMap { field(1, $0) } + outputs.flatMap { field(2, $0) } + field(3, name)
        + field(4, kind) + attributes.flatMap { field(5, $0) })
  }

  static func ints(_ name: String, _ values: [Int]) -> [UInt8] {
    field(1, name) + field(20, 7) + values.flatMap { field(8, $0) }
  }

  /// An input or output; nil extents are unknown.
  static func value(_ number: Int, _ name: String, _ extents: [Int?], type: Int = 1) -> [UInt8] {
    let shape = extents.flatMap { field(1, $0.map { field(1, $0) } ?? []) }
    return field(number, field(1, name) + field(2, field(1, field(1, type) + field(2, shape))))
  }

  static func input(_ name: String, _ extents: [Int?], type: Int = 1) -> [UInt8] {
    value(11, name, extents, type: type)
  }

  static func output(_ name: String, _ extents: [Int?], type: Int = 1) -> [UInt8] {
    value(12, name, extents, type: type)
  }

  static func weight(_ name: String, _ dims: [Int], type: Int = 1, _ data: [UInt8]) -> [UInt8] {
    field(5, dims.flatMap { field(1, $0) } + field(2, type) + field(8, name) + data)
  }

  /// y = Relu(w) with the weight's data described by `data`.
  static func modelOfWeight(_ dims: [Int], type: Int = 1, _ data: [UInt8]) -> [UInt8] {
    model(
      graph: node("Relu", ["w"], ["y"]) + weight("w", dims, type: type, data)
        + output("y", dims.map { _ in nil }))
  }
}
