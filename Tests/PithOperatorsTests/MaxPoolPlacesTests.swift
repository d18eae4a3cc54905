import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

@Suite("Max pooling that tells the places")
struct MaxPoolPlacesTests {
  private let data: Tensor = {
    var random = Philox(seed: 11)
    return Tensor((0..<120).map { _ in random.uniform() }, [2, 2, 5, 6])
  }()

  private let pool = MaxPool(kernel: [3, 2], strides: [2, 2], pads: [1, 0, 1, 0])

  @Test("points at the largest elements, which it gives as the pool without places does")
  func places() throws {
    var graph = Graph()
    let input = graph.addInput("data", TensorType(.float32, data.shape))
    for value in try graph.add(pool.withPlaces, [input]) { graph.addOutput(value) }
    graph.addOutput(try graph.add(pool, input))
    let results = try Evaluator().run(graph, [data])
    #expect(results[0] == results[2])
    #expect(results[1].integers.map { data.floats[$0] } == results[0].floats)
  }

  @Test("counts by columns where asked, within each plane")
  func columns() throws {
    let attributes: Attributes = [
      "kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "storage_order": .int(1),
    ]
    var graph = Graph()
    let input = graph.addInput("data", TensorType(.float32, [1, 2, 2, 4]))
    graph.addOutput(try graph.add(MaxPool(attributes).withPlaces, [input])[1])
    let plane: [Float] = [1, 2, 9, 4, 5, 8, 7, 6]
    let result = try Evaluator().run(graph, [Tensor(plane + plane.reversed(), [1, 2, 2, 4])])[0]
    #expect(result.integers == [3, 4, 8 + 3, 8 + 4])
  }

  @Test("has the gradient of the pool without places, where windows overlap too")
  func gradient() throws {
    var gradients: [Tensor] = []
    for pool in [pool, pool.withPlaces] {
      var graph = Graph()
      let input = graph.addInput("data", TensorType(.float32, data.shape))
      let result = try graph.add(pool, [input])[0]
      let type = try #require(graph.type(of: result))
      let seed = graph.addInput("seed", type)
      let gradient = try graph.addGradients(of: result, seed: seed, for: [input], sum: Add())[0]
      graph.addOutput(try #require(gradient))
      let shape = try #require(type.shape)
      let upstream = Tensor((0..<shape.count).map { Float($0) }, shape)
      gradients += try Evaluator().run(graph, [data, upstream])
    }
    expectClose(gradients[1].floats, gradients[0].floats)
  }

  @Test("Places that are not there are left out of the unpooled value")
  func badPlaces() throws {
    var graph = Graph()
    let maxima = graph.addInput("maxima", TensorType(.float32, [1, 1, 2, 2]))
    let places = graph.addInput("places", TensorType(.int64, [1, 1, 2, 2]))
    let unpool = try MaxUnpool(["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    graph.addOutput(try graph.add(unpool, maxima, places))
    let result = try Evaluator().run(
      graph,
      [
        Tensor([1, 2, 3, 4] as [Float], [1, 1, 2, 2]),
        Tensor([5, -1, 16, .max] as [Int64], [1, 1, 2, 2]),
      ])[0]
    #expect(result.floats == [0, 0, 0, 0, 0, 1] + [Float](repeating: 0, count: 10))
  }
}
