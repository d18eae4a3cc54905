import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Layers between DequantizeLinear and QuantizeLinear, computed with bytes and simulated in float:
/// the same to a step, where rounding falls on the other side of a half.
struct IntegerKernelsTests {
  private struct Layer {
    var graph = Graph()

    /// A value brought to the given grid and back.
    mutating func pair(_ value: Value, _ scale: Float, zero: Int, signed: Bool) throws -> Value {
      let step = graph.addWeight(nil, Tensor(scalar: scale))
      let origin = graph.addWeight(
        nil, signed ? Tensor(scalar: Int8(zero)) : Tensor(scalar: UInt8(zero)))
      let bytes = try graph.add(QuantizeLinear(), value, step, origin)
      return try graph.add(DequantizeLinear(), bytes, step, origin)
    }

    mutating func weight(_ shape: Shape, axis: Int) throws -> Value {
      var random = Philox(seed: 5)
      let bytes = (0..<shape.count).map { _ in Int8(clamping: Int(random.normal() * 50)) }
      let scales = (0..<shape[axis]).map { 0.002 + 0.0003 * Float($0 % 5) }
      return try graph.add(
        DequantizeLinear(axis: axis), graph.addWeight(nil, Tensor(bytes, shape)),
        graph.addWeight(nil, Tensor(scales)))
    }
  }

  private func check(_ layer: Layer, _ shape: Shape, step: Float) throws {
    var random = Philox(seed: 3)
    let input = Tensor((0..<shape.count).map { _ in random.normal() }, shape)
    let exact = try Executable(layer.graph).run([input])[0]
    let simulated = try Executable(layer.graph, integers: .simulated).run([input])[0]
    expectClose(exact.floats, simulated.floats, relative: 0, absolute: step * 1.001)
    let equal = zip(exact.floats, simulated.floats).count { abs($0 - $1) < step / 2 }
    #expect(equal * 100 >= exact.count * 99)
  }

  @Test(arguments: [0, 128, 77], [true, false])
  func convolutionsTakeAnyZeroPoint(zero: Int, padded: Bool) throws {
    for (groups, channels) in [(1, 16), (1, 5), (16, 16), (4, 16)] {
      var layer = Layer()
      let x = layer.graph.addInput("x", TensorType(.float32, [2, channels, 7, 6]))
      let data = try layer.pair(x, 0.02, zero: zero, signed: false)
      let weight = try layer.weight([32 - 32 % groups, channels / groups, 3, 3], axis: 0)
      let convolution = try layer.graph.add(
        Conv(pads: padded ? [1, 1, 1, 1] : nil, group: groups), data, weight)
      layer.graph.addOutput(try layer.pair(convolution, 0.03, zero: 119, signed: false))
      try check(layer, [2, channels, 7, 6], step: 0.03)
    }
  }

  @Test(arguments: [-128, 0, 31])
  func convolutionsTakeSignedBytes(zero: Int) throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [1, 8, 9, 9]))
    let data = try layer.pair(x, 0.02, zero: zero, signed: true)
    let convolution = try layer.graph.add(
      Conv(pads: [1, 1, 1, 1]), data, layer.weight([24, 8, 3, 3], axis: 0))
    let bounded = try layer.graph.add(Relu(), convolution)
    layer.graph.addOutput(try layer.pair(bounded, 0.03, zero: zero, signed: true))
    try check(layer, [1, 8, 9, 9], step: 0.03)
  }

  @Test func aConvolutionWithoutQuantizeBehindItMakesFloats() throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [1, 8, 5, 5]))
    let data = try layer.pair(x, 0.02, zero: 128, signed: false)
    let convolution = try layer.graph.add(Conv(), data, layer.weight([4, 8, 3, 3], axis: 0))
    layer.graph.addOutput(try layer.graph.add(HardSwish(), convolution))
    try check(layer, [1, 8, 5, 5], step: 1e-4)
  }

  @Test(arguments: [true, false]) func sumsHaveBoundsOfTheirOwn(signed: Bool) throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [1, 3, 5, 7]))
    let left = try layer.pair(x, 0.02, zero: 11, signed: signed)
    let right = try layer.pair(layer.graph.add(Tanh(), x), 0.008, zero: 100, signed: signed)
    let sum = try layer.graph.add(Relu(), layer.graph.add(Add(), left, right))
    layer.graph.addOutput(try layer.pair(sum, 0.03, zero: 7, signed: signed))
    try check(layer, [1, 3, 5, 7], step: 0.03)
  }

  @Test func productsOfMoreThanTwoAxes() throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [2, 3, 20]))
    let data = try layer.pair(x, 0.02, zero: 90, signed: false)
    let product = try layer.graph.add(MatMul(), data, layer.weight([20, 7], axis: 1))
    layer.graph.addOutput(try layer.pair(product, 0.03, zero: 128, signed: false))
    try check(layer, [2, 3, 20], step: 0.03)
  }

  @Test func functionsBecomeTables() throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [1, 3, 40, 40]))
    let data = try layer.pair(x, 0.03, zero: 128, signed: false)
    let result = try layer.graph.add(Tanh(), layer.graph.add(LeakyRelu(), data))
    layer.graph.addOutput(try layer.pair(result, 0.01, zero: -3, signed: true))
    let steps = try Executable(layer.graph).steps.map(\.operatorName)
    #expect(steps.contains("ByteTable"))
    try check(layer, [1, 3, 40, 40], step: 0.01)
  }

  @Test func stepsOfTrainingStayInFloat() throws {
    var layer = Layer()
    let x = layer.graph.addInput("x", TensorType(.float32, [1, 8, 5, 5]))
    let data = try layer.pair(x, 0.02, zero: 128, signed: false)
    let convolution = try layer.graph.add(Conv(), data, layer.weight([4, 8, 3, 3], axis: 0))
    layer.graph.addOutput(try layer.pair(convolution, 0.03, zero: 128, signed: false))
    let state = layer.graph.addWeight("state", Tensor([1] as [Float]))
    layer.graph.setFact(Fact(.float32, [1]), of: state)
    layer.graph.addUpdate(state, to: try layer.graph.add(Scaling(0.5), state))
    let steps = try Executable(layer.graph).steps.map(\.operatorName)
    #expect(!steps.contains { $0.hasPrefix("Integer") })
  }
}
