import PithGraph
import PithONNX
import PithTensors
import Testing

struct ElementTypeTests {
  @Test func rawAndTypedDataGiveTheSameTensor() throws {
    let graph = try ONNXReader.read(Fixture(name: "types-21").url)
    let tensors = Dictionary(
      uniqueKeysWithValues: graph.weights.map { (graph.name(of: $0), $1) })
    let names = [
      "FLOAT": DType.float32, "FLOAT16": .float16, "BFLOAT16": .bfloat16, "DOUBLE": .float64,
      "INT8": .int8, "UINT8": .uint8, "INT16": .int16, "UINT16": .uint16, "INT32": .int32,
      "UINT32": .uint32, "INT64": .int64, "UINT64": .uint64, "INT4": .int4, "UINT4": .uint4,
      "BOOL": .bool,
    ]
    for (name, dtype) in names {
      let raw = try #require(tensors[name + ".raw"])
      #expect(raw.dtype == dtype)
      #expect(raw.doubles == (dtype == .bool ? [1, 0, 1, 1, 1] : [1, 0, 3, 7, 5]), "\(name)")
      #expect(tensors[name + ".typed"] == raw, "\(name)")
    }
    #expect(
      tensors["STRING.typed"]?.strings.map { String(decoding: $0, as: UTF8.self) } == [
        "one", "two",
      ])
  }

  @Test func constantsOfEveryKindBecomeWeights() throws {
    let graph = try ONNXReader.read(Fixture(name: "constants-13").url)
    let tensors = Dictionary(
      uniqueKeysWithValues: graph.weights.map { (graph.name(of: $0), $1) })
    #expect(tensors["a"] == Tensor(scalar: Float(1.5)))
    #expect(tensors["b"] == Tensor([1, 2] as [Float]))
    #expect(tensors["c"] == Tensor(scalar: Int64(3)))
    #expect(tensors["d"] == Tensor([4, 5] as [Int64]))
    #expect(tensors["e"] == Tensor(strings: [Array("word".utf8)], []))
    #expect(tensors["f"] == Tensor(strings: [Array("one".utf8), Array("two".utf8)], [2]))
    #expect(tensors["g"] == Tensor([0, 7, 0, 0, 0, 8] as [Float], [2, 3]))
    #expect(tensors["h"] == Tensor([0, 0, 0, 9, 0] as [Int64]))
  }

  @Test func anyByteIsATruthValue() throws {
    let model = Protobuf.model(
      graph: Protobuf.node("Not", ["w"], ["y"])
        + Protobuf.weight("w", [3], type: 9, Protobuf.field(9, [0, 1, 255]))
        + Protobuf.output("y", [3], type: 9))
    let graph = try ONNXReader.read(model)
    #expect(graph.weights.values.first?.array(of: Bool.self) == [false, true, true])
  }

  @Test(arguments: [
    ([3], 1, Protobuf.field(9, [UInt8](repeating: 0, count: 8))),
    ([2], 1, Protobuf.field(4, [UInt8](repeating: 0, count: 12))),
    ([2], 1, Protobuf.field(5, [0, 0])),
    ([2], 1, []),
    ([2], 8, Protobuf.field(9, [0, 0])),
    ([2], 17, Protobuf.field(9, [0, 0])),
    ([-1], 1, []),
    ([1 << 40, 1 << 40], 1, []),
    ([0, 1 << 40, 1 << 40], 1, []),
    ([1 << 62, 4], 1, Protobuf.field(9, [0, 0])),
  ])
  func dataThatDoNotFitAreRefused(_ dims: [Int], _ type: Int, _ data: [UInt8]) throws {
    #expect {
      try ONNXReader.read(Protobuf.modelOfWeight(dims, type: type, data))
    } throws: {
      "\($0)".hasPrefix("tensor 'w': ")
    }
  }
}
