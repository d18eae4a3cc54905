import PithGraph
import PithONNX
import Testing

/// Faults of a graph are told by node and value.
struct FaultTests {
  private func fault(_ graph: [UInt8], opset: Int = 13, ir: Int = 8) -> String {
    do throws(ONNXError) {
      _ = try ONNXReader.read(Protobuf.model(graph: graph, opset: opset, ir: ir))
      return "no fault"
    } catch {
      return error.description
    }
  }

  private let ends = Protobuf.input("x", [2]) + Protobuf.output("y", [2])

  @Test func namesGivenTwice() {
    let node = Protobuf.node("Relu", ["x"], ["y"])
    #expect(
      fault(node + node + ends)
        == "node 'node' (Relu): its output 'y' is already made elsewhere")
    #expect(fault(node + ends + Protobuf.input("x", [2])) == "there are two inputs named 'x'")
    #expect(fault(node + ends + Protobuf.output("y", [2])) == "there are two outputs named 'y'")
    let weight = Protobuf.weight("w", [0], [])
    #expect(
      fault(node + ends + weight + weight) == "there are two initializers named 'w'")
    #expect(
      fault(Protobuf.node("Relu", ["x"], ["x"]) + ends).contains("'x' is already made elsewhere"))
  }

  @Test func valuesThatNobodyMakes() {
    #expect(
      fault(Protobuf.node("Add", ["x", "ghost"], ["y"], name: "sum") + ends)
        == "node 'sum' (Add): its input 'ghost' is made by no node and is no input or weight")
    #expect(
      fault(Protobuf.node("Relu", ["x"], ["z"]) + ends) == "output 'y' is made by no node")
  }

  @Test func circles() {
    #expect(
      fault(
        Protobuf.node("Add", ["x", "b"], ["a"], name: "one")
          + Protobuf.node("Relu", ["a"], ["b"], name: "two") + Protobuf.output("b", [2])
          + Protobuf.input("x", [2]))
        == "nodes wait for each other in a circle: 'one' (Add), 'two' (Relu)")
  }

  @Test func shapesThatDisagree() {
    let zeros = [UInt8](repeating: 0, count: 64 * 32 * 9 * 4)
    let text = fault(
      Protobuf.node("Conv", ["x", "w"], ["y"], name: "layer3.conv2")
        + Protobuf.weight("w", [64, 32, 3, 3], Protobuf.field(9, zeros))
        + Protobuf.input("x", [1, 16, 8, 8]) + Protobuf.output("y", [1, 64, 6, 6]))
    #expect(
      text
        == "node 'layer3.conv2' (Conv): weight is 64x32x3x3 but the input has 16 channels")
  }

  @Test func typesThatDisagree() {
    #expect(
      fault(
        Protobuf.node("Relu", ["x"], ["y"], name: "r") + Protobuf.input("x", [2])
          + Protobuf.output("y", [2], type: 7))
        == "node 'r' (Relu): its output 'y' is float32, but declared as int64")
    #expect(
      fault(
        Protobuf.node("Relu", ["w"], ["y"])
          + Protobuf.weight("w", [2], Protobuf.field(9, [UInt8](repeating: 0, count: 8)))
          + Protobuf.input("w", [3]) + Protobuf.output("y", [2]))
        == "tensor 'w': it is float32[2], but declared as float32[3]")
  }

  @Test func versionsThatAreNotRead() {
    let node = Protobuf.node("Relu", ["x"], ["y"])
    #expect(fault(node + ends, opset: 6).hasPrefix("operator set 6 is not read (7 to 26 are)"))
    #expect(fault(node + ends, ir: 2).hasPrefix("IR version 2 is older than 3"))
  }

  @Test func attributesOfTheWrongKind() {
    let attribute = Protobuf.field(1, "kernel_shape") + Protobuf.field(20, 2) + Protobuf.field(3, 2)
    #expect(
      fault(
        Protobuf.node("MaxPool", ["x"], ["y"], name: "pool", attributes: [attribute])
          + Protobuf.input("x", [1, 1, 4, 4]) + Protobuf.output("y", [1, 1, nil, nil])
      ).hasPrefix("node 'pool' (MaxPool): attribute 'kernel_shape'"))
    let ints = Protobuf.ints("kernel_shape", [2, 2])
    #expect(
      fault(
        Protobuf.node("MaxPool", ["x"], ["y"], name: "pool", attributes: [ints, ints])
          + Protobuf.input("x", [1, 1, 4, 4])
      ).contains("attribute 'kernel_shape' is given twice"))
  }
}
