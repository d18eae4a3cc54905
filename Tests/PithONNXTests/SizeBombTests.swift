import Foundation
import PithGraph
import PithONNX
import PithTensors
import Testing

/// Small files that ask for much are refused before they get it.
struct SizeBombTests {
  private func expectRefusal(_ bytes: [UInt8], _ reason: String) {
    #expect {
      try ONNXReader.read(bytes)
    } throws: {
      "\($0)".contains(reason)
    }
  }

  private func repeated(_ pair: (UInt8, UInt8), _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 2 * count) { buffer, initialized in
      for index in 0..<count { (buffer[2 * index], buffer[2 * index + 1]) = pair }
      initialized = 2 * count
    }
  }

  @Test func millionsOfEmptyNodes() {
    let nodes = repeated((0x0a, 0x00), 8_000_000)
    expectRefusal(Protobuf.model(graph: nodes), "more than 250000 nodes")
  }

  @Test func millionsOfEmptyParts() {
    for number in [5, 11, 13] {
      let tag = UInt8(number << 3 | 2)
      let parts = repeated((tag, 0x00), 2_000_000)
      expectRefusal(Protobuf.model(graph: parts), "would take more than")
    }
    let names = repeated((0x0a, 0x00), 8_000_000)
    expectRefusal(Protobuf.model(graph: Protobuf.field(1, names)), "would take more than")
  }

  @Test func deepNesting() {
    var graph: [UInt8] = []
    for _ in 0..<1700 {
      let attribute = Protobuf.field(1, "body") + Protobuf.field(6, graph) + Protobuf.field(20, 5)
      graph = Protobuf.node("Loop", [], ["y"], attributes: [attribute])
    }
    expectRefusal(Protobuf.model(graph: graph), "nested deeper than")
    var type: [UInt8] = []
    for _ in 0..<5000 { type = Protobuf.field(4, Protobuf.field(1, type)) }
    let input = Protobuf.field(11, Protobuf.field(1, "x") + Protobuf.field(2, type))
    expectRefusal(Protobuf.model(graph: input), "nested deeper than")
  }

  @Test func hugeExtents() {
    let extents = [1 << 40, 1 << 40]
    expectRefusal(
      Protobuf.model(
        graph: Protobuf.node("Relu", ["x"], ["y"]) + Protobuf.input("x", extents)
          + Protobuf.output("y", extents)), "has more than 2^31 elements")
    let many = [Int?](repeating: 1, count: 100_000)
    expectRefusal(
      Protobuf.model(
        graph: Protobuf.node("Relu", ["x"], ["y"]) + Protobuf.input("x", many)), "rank")
  }

  @Test func hugeExtentsMadeByANode() {
    let shape = [Int64(1) << 40, 1 << 40].withUnsafeBytes { Array($0) }
    expectRefusal(
      Protobuf.model(
        graph: Protobuf.node("Expand", ["x", "w"], ["y"], name: "grow") + Protobuf.input("x", [1])
          + Protobuf.weight("w", [2], type: 7, Protobuf.field(9, shape))
          + Protobuf.output("y", [nil, nil])), "node 'grow' (Expand)")
  }

  @Test func sparseTensorsThatAreMostlyNothing() {
    let sparse =
      Protobuf.field(1, Protobuf.field(1, 0) + Protobuf.field(2, 1))
      + Protobuf.field(2, Protobuf.field(1, 0) + Protobuf.field(2, 7))
      + Protobuf.field(3, 1 << 15) + Protobuf.field(3, 1 << 15)
    let attribute =
      Protobuf.field(1, "sparse_value") + Protobuf.field(20, 11) + Protobuf.field(22, sparse)
    expectRefusal(
      Protobuf.model(
        graph: Protobuf.node("Constant", [], ["c"], attributes: [attribute])
          + Protobuf.output("c", [nil, nil])), "sparse tensor of shape 32768x32768")
  }

  @Test func attributesBeyondArithmetic() {
    expectRefusal(
      Protobuf.model(
        graph: Protobuf.node(
          "MaxPool", ["x"], ["y"], name: "pool",
          attributes: [Protobuf.ints("kernel_shape", [Int.max, 2])])
          + Protobuf.input("x", [1, 1, 4, 4]) + Protobuf.output("y", [1, 1, nil, nil])),
      "node 'pool' (MaxPool): attribute 'kernel_shape' cannot contain 9223372036854775807")
  }

  @Test func lengthsBeyondTheEnd() {
    expectRefusal([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], "the file ends inside a field")
    expectRefusal([0x3a], "cut off or too long")
    expectRefusal([UInt8](repeating: 0xff, count: 64), "cut off or too long")
    expectRefusal([], "the file is empty")
    expectRefusal([0x0b, 0x0c], "starts no field")
  }

  @Test func filesThatAreNoFiles() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ONNXError.missingFile(path: folder("no.onnx").path)) {
      try ONNXReader.read(folder("no.onnx"))
    }
    for url in [folder.url, URL(fileURLWithPath: "/dev/zero")] {
      #expect(throws: ONNXError.unreadable(path: url.path, reason: "it is no ordinary file")) {
        try ONNXReader.read(url)
      }
    }
  }
}
