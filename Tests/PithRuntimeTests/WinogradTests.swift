import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Convolutions with fewer products against sums in double precision.
struct WinogradTests {
  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var images = 2
    var inputs = 16
    var outputs = 16
    var height = 8
    var width = 8
    var pads = [1, 1, 1, 1]
  }

  static let cases = [
    Case(description: "one block"),
    Case(description: "several blocks", inputs: 48, outputs: 80),
    Case(description: "filled-up blocks", inputs: 19, outputs: 43),
    Case(description: "less than a block", inputs: 9, outputs: 13),
    Case(description: "half a block", inputs: 8, outputs: 8),
    Case(description: "a quarter", inputs: 4, outputs: 5),
    Case(description: "one and a half", inputs: 21, outputs: 24),
    Case(description: "two and a half", images: 1, inputs: 40, outputs: 37),
    Case(description: "odd sides", images: 3, outputs: 32, height: 9, width: 15),
    Case(description: "no padding", outputs: 32, height: 18, width: 10, pads: [0, 0, 0, 0]),
    Case(description: "unlike padding", height: 7, width: 11, pads: [2, 0, 1, 2]),
    Case(description: "many images", images: 40, inputs: 32, outputs: 32),
    Case(description: "few tiles, many channels", images: 1, inputs: 144, outputs: 128),
  ]

  private var random = Philox(seed: 11)

  private mutating func tensor(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.count).map { _ in random.uniform() * 2 - 1 }, shape)
  }

  /// A case with numbers, and its convolution by the definition.
  private struct Instance {
    let given: Case
    let data: Tensor
    let weight: Tensor
    let conv: Conv

    init(_ given: Case, _ tests: inout WinogradTests) {
      self.given = given
      data = tests.tensor([given.images, given.inputs, given.height, given.width])
      weight = tests.tensor([given.outputs, given.inputs, 3, 3])
      conv = Conv(pads: given.pads)
    }

    var output: Shape {
      [
        given.images, given.outputs, given.height + given.pads[0] + given.pads[2] - 2,
        given.width + given.pads[1] + given.pads[3] - 2,
      ]
    }

    /// Calls `body` with the places of each input, weight and output that meet.
    func meetings(_ body: (_ data: Int, _ weight: Int, _ output: Int) -> Void) {
      let (height, width) = (output[2], output[3])
      for image in 0..<given.images {
        for filter in 0..<given.outputs {
          for channel in 0..<given.inputs {
            let plane = (image * given.inputs + channel) * given.height
            for tap in 0..<9 {
              let weight = (filter * given.inputs + channel) * 9 + tap
              let (down, right) = (tap / 3 - given.pads[0], tap % 3 - given.pads[1])
              for y in max(0, -down)..<min(height, given.height - down) {
                let to = ((image * given.outputs + filter) * height + y) * width
                let from = (plane + y + down) * given.width + right
                for x in max(0, -right)..<min(width, given.width - right) {
                  body(from + x, weight, to + x)
                }
              }
            }
          }
        }
      }
    }
  }

  private func expect(
    _ actual: Tensor, _ expected: [Double], _ scale: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    let error = zip(actual.doubles, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(error < 2e-6 * scale, sourceLocation: sourceLocation)
  }

  /// Known weights and bias, an addend and a bound, as inference has them.
  @Test(arguments: cases) func inference(_ given: Case) throws {
    var tests = self
    let instance = Instance(given, &tests)
    let bias = tests.tensor([given.outputs])
    let addend = tests.tensor(instance.output)
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, instance.data.shape))
    let z = graph.addInput("z", TensorType(.float32, instance.output))
    let sum = try graph.add(
      Add(),
      graph.add(
        instance.conv, x, graph.addWeight("w", instance.weight), graph.addWeight("b", bias),
        name: "conv"), z)
    graph.addOutput(try graph.add(Relu(), sum))

    var expected = addend.doubles
    let plane = instance.output[2] * instance.output[3]
    for place in expected.indices {
      expected[place] += Double(bias.floats[place / plane % given.outputs])
    }
    let (data, weight) = (instance.data.doubles, instance.weight.doubles)
    instance.meetings { expected[$2] += data[$0] * weight[$1] }
    let executable = try Executable(graph)
    if ProcessorLevel.ownKernels.hasPrefix("AVX-512") {
      #expect(executable.steps.contains { $0.implementation == "c:winograd" })
    }
    let actual = try executable.run([instance.data, addend])[0]
    expect(actual, expected.map { max(0, $0) }, Double(given.inputs))
  }

  /// Weights that change, and both gradients, as training has them.
  @Test(arguments: cases) func training(_ given: Case) throws {
    var tests = self
    let instance = Instance(given, &tests)
    let upstream = tests.tensor(instance.output)
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, instance.data.shape))
    let w = graph.addInput("w", TensorType(.float32, instance.weight.shape))
    let g = graph.addInput("g", TensorType(.float32, instance.output))
    let y = try graph.add(instance.conv, x, w, name: "conv")
    let node = try #require(graph.nodes.first)
    let gradients = try instance.conv.gradient(
      of: node, upstream: [g], wanted: [true, true], in: &graph)
    graph.setOutputs([y] + gradients.compactMap(\.self))

    let (data, weight, up) = (
      instance.data.doubles, instance.weight.doubles, upstream.doubles
    )
    var expected = [up, data, weight].map { [Double](repeating: 0, count: $0.count) }
    instance.meetings { a, b, c in
      expected[0][c] += data[a] * weight[b]
      expected[1][a] += up[c] * weight[b]
      expected[2][b] += up[c] * data[a]
    }
    for keepsLayouts in [false, true] {
      let actual = try Evaluator(keepsLayouts: keepsLayouts).run(
        graph, [instance.data, instance.weight, upstream])
      expect(actual[0], expected[0], Double(given.inputs))
      expect(actual[1], expected[1], Double(given.outputs))
      expect(actual[2], expected[2], Double(given.images * instance.output[2]))
    }
  }
}
