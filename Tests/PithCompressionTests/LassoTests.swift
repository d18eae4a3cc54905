import PithCompression
import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining
import Testing

/// Against Scripts/golden/lasso.py.
@Suite struct LassoTests {
  private struct Golden: Decodable {
    struct Problem: Decodable {
      struct Solution: Decodable {
        var lambda: Double
        var coefficients: [Double]
      }

      var gram: [Double]
      var target: [Double]
      var solutions: [Solution]
      var entries: [Double]

      var path: LassoPath {
        LassoPath(
          gram: SymmetricMatrix(gram, order: target.count), target: target, tolerance: 1e-12)
      }
    }

    struct Network: Decodable {
      struct Weight: Decodable {
        var shape: [Int]
        var values: [Float]
      }

      var weights: [String: Weight]
      var images: [Float]
      var scores: [String: [Double]]
      var removed: [String: [Int]]
      var fitted: [String: [Float]]
    }

    var problems: [Problem]
    var network: Network
  }

  private let golden: Golden

  init() throws { golden = try goldenFile("lasso") }

  @Test("Coordinate descent ends where scikit-learn's does", arguments: [0, 1])
  func coefficients(_ index: Int) throws {
    let problem = golden.problems[index]
    for solution in problem.solutions {
      let found = problem.path.coefficients(lambda: solution.lambda)
      for (found, expected) in zip(found, solution.coefficients) {
        #expect(abs(found - expected) < 1e-6, "lambda \(solution.lambda)")
        #expect((found == 0) == (expected == 0))
      }
    }
  }

  @Test("Coefficients enter where least angle regression says", arguments: [0, 1])
  func entries(_ index: Int) throws {
    let problem = golden.problems[index]
    for (found, expected) in zip(problem.path.entries(), problem.entries) {
      #expect(found <= expected * (1 + 1e-6) && found > expected / 1.011)
    }
    func order(_ entries: [Double]) -> [Int] {
      entries.indices.sorted { entries[$0] > entries[$1] }
    }
    #expect(order(problem.path.entries()) == order(problem.entries))
  }

  @Test("Of equal columns one enters, a dead one never") func degenerate() {
    let gram = SymmetricMatrix([2, 0, 0, 2, 2, 0, 0, 0, 0], order: 3)
    let entries = LassoPath(gram: gram, target: [4, 4, 0]).entries()
    #expect(entries.count { $0 > 0 } == 1 && entries[2] == 0)
    #expect(LassoPath(gram: gram, target: [0, 0, 0]).entries() == [0, 0, 0])
  }

  private func network() throws -> (Graph, Context) {
    var graph = Graph(name: "golden")
    func weight(_ name: String) throws -> Value {
      let weight = try #require(golden.network.weights[name])
      return graph.addWeight(name, Tensor(weight.values, Shape(weight.shape)))
    }
    let x = graph.addInput("input", TensorType(.float32, [.named("N"), 2, 5, 5]))
    let first = try graph.add(
      Conv(pads: [1, 1, 1, 1]), x, weight("conv1.weight"), weight("conv1.bias"), name: "conv1")
    let second = try graph.add(
      Conv(strides: [2, 2]), graph.add(Relu(), first), weight("conv2.weight"),
      weight("conv2.bias"), name: "conv2")
    let flat = try graph.add(Flatten(), graph.add(Relu(), second))
    graph.addOutput(
      try graph.add(Gemm(transB: true), flat, weight("fc.weight"), weight("fc.bias"), name: "fc"),
      name: "output")
    let count = golden.network.images.count / 50
    let split = try PithData.Split(
      Tensor(golden.network.images, [count, 2, 5, 5]),
      labels: [Int32](repeating: 0, count: count))
    let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
    return (graph, Context(data: data, teacher: graph))
  }

  @Test("Channels enter the path of the layer that reads them") func scores() throws {
    let (graph, context) = try network()
    let groups = try graph.pruningGroups().groups
    let scores = try ChannelLasso.scores(of: groups, in: graph, context)
    #expect(groups.map(\.name) == ["conv1", "conv2"])
    for (group, scores) in zip(groups, scores) {
      let expected = try #require(golden.network.scores[group.name])
      for (found, expected) in zip(scores, expected) {
        #expect(found < expected * 1.0001 && found > expected / 1.011, "\(group.name)")
      }
      #expect(
        scores.indices.sorted { scores[$0] < scores[$1] }
          == expected.indices.sorted { expected[$0] < expected[$1] })
    }
  }

  @Test("Layers are fitted as numpy fits them, one after the other") func leastSquares() throws {
    let (graph, context) = try network()
    let groups = try graph.pruningGroups()
    var removal = ChannelRemoval()
    for group in groups.groups {
      removal.remove(try #require(golden.network.removed[group.name]), of: group)
    }
    let refit = ChannelRefit(whole: graph, removal: removal, bound: groups.bound)
    let outcome = try refit(graph.removing(removal), #require(context.data), context)
    #expect(outcome.fitted == 2)
    for (name, expected) in golden.network.fitted {
      let found = outcome.graph.floats(name)
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) {
        #expect(abs(found - expected) < 2e-4, "\(name)")
      }
    }
  }
}
