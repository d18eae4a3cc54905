import Dispatch
import PithGraph
import PithOperators
import PithRuntime
import PithTensors

/// Times a layer in float against the same layer in 8-bit integers, in a few milliseconds.
enum IntegerTrial {
  /// How many times as fast a quantized 3x3 convolution, 64 to 64 channels at 28x28, runs here as
  /// one in float; nil where it cannot be measured.
  static func speedup() -> Double? {
    guard let float = try? Executable(layer(quantized: false)),
      let integer = try? Executable(layer(quantized: true))
    else { return nil }
    var fastest: [UInt64] = [.max, .max]
    for round in 0..<30 {
      for (index, executable) in [float, integer].enumerated() {
        let start = DispatchTime.now().uptimeNanoseconds
        executable.execute()
        let time = DispatchTime.now().uptimeNanoseconds - start
        if round > 2 { fastest[index] = min(fastest[index], time) }
      }
    }
    return Double(fastest[0]) / Double(max(fastest[1], 1))
  }

  private static func layer(quantized: Bool) throws(GraphError) -> Graph {
    var graph = Graph()
    var random = Philox(seed: 1)
    var value = graph.addInput("x", TensorType(.float32, [1, 64, 28, 28]))
    let scale = graph.addScalar(0.02)
    let zero = graph.addWeight(nil, Tensor(scalar: UInt8(0)))
    func pair(_ value: Value) throws(GraphError) -> Value {
      guard quantized else { return value }
      return try graph.add(
        DequantizeLinear(), graph.add(QuantizeLinear(), value, scale, zero), scale, zero)
    }
    value = try pair(value)
    for _ in 0..<4 {
      let bytes = (0..<64 * 64 * 9).map { _ in Int8(clamping: Int(random.normal() * 40)) }
      var weight = graph.addWeight(nil, Tensor(bytes, [64, 64, 3, 3]))
      if quantized {
        weight = try graph.add(
          DequantizeLinear(axis: 0), weight,
          graph.addWeight(nil, Tensor([Float](repeating: 0.001, count: 64))))
      } else {
        weight = graph.addWeight(
          nil, Tensor(bytes.map { Float($0) * 0.001 }, [64, 64, 3, 3]))
      }
      let convolution = try graph.add(Conv(pads: [1, 1, 1, 1]), value, weight)
      value = try pair(graph.add(Relu(), convolution))
    }
    graph.addOutput(value)
    return graph
  }
}
