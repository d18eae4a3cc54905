import PithCompression
import PithGraph
import PithModels
import PithOperators
import PithRuntime
import PithTensors
import PithTraining
import Testing

@Suite struct ChannelRefitTests {
  /// The mean square of what two networks with inputs alike give differently.
  private func distance(_ one: Graph, _ other: Graph, channels: Int, size: Int) throws -> Float {
    var random = Philox(seed: 99)
    let shape: Shape = [32, channels, size, size]
    let input = Tensor((0..<shape.count).map { _ in random.uniform() * 2 - 1 }, shape)
    let type = TensorType(.float32, shape)
    let answers = try [one, other].map {
      try Executable($0.binding(inputs: [type])).run([input])[0].floats
    }
    return zip(answers[0], answers[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test("No layer is further from what it gave, and the network is nearer")
  func errors() throws {
    let problem = try ResidualProblem(width: 12)
    let groups = try problem.network.pruningGroups()
    var removal = ChannelRemoval()
    for group in groups.groups { removal.remove([1, 4, 6, 7], of: group) }
    let smaller = try problem.network.removing(removal)
    let refit = ChannelRefit(whole: problem.network, removal: removal, bound: groups.bound)
    let outcome = try refit(smaller, problem.data, problem.context)
    // Two convolutions inside the block, and the last layer; the stem sees what it saw.
    #expect(outcome.fitted == 3)
    #expect(outcome.errors.after < 0.5 * outcome.errors.before)
    #expect(outcome.graph.floats("stem.weight") == smaller.floats("stem.weight"))
    // Without biases the means of normalisations take part.
    #expect(outcome.graph.floats("first.bn2") != smaller.floats("first.bn2"))
    let before = try distance(problem.network, smaller, channels: 3, size: 8)
    let after = try distance(problem.network, outcome.graph, channels: 3, size: 8)
    #expect(after < 0.5 * before)
  }

  @Test("Without removed channels nothing changes, and with few samples nothing is guessed")
  func untouched() throws {
    let problem = try ResidualProblem(width: 12)
    let groups = try problem.network.pruningGroups()
    let none = ChannelRefit(whole: problem.network, removal: ChannelRemoval(), bound: groups.bound)
    #expect(try none(problem.network, problem.data, problem.context).fitted == 0)
    let removal = ChannelRemoval([3], of: groups.groups[0])
    let refit = ChannelRefit(whole: problem.network, removal: removal, bound: groups.bound)
    var context = problem.context
    context.samples = 4
    let outcome = try refit(problem.network.removing(removal), problem.data, context)
    #expect(!outcome.withoutSamples.isEmpty)
    #expect(outcome.notes.contains { $0.contains("samples are too few") })
  }

  @Test("Layers in groups are fitted group by group") func groups() throws {
    var random = Philox(seed: 4)
    var graph = Graph(name: "depthwise")
    func drawn(_ name: String, _ shape: Shape) -> Value {
      graph.addWeight(name, Tensor((0..<shape.count).map { _ in random.normal() * 0.4 }, shape))
    }
    let x = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 8, 8]))
    let stem = try graph.add(Relu(), graph.add(Conv(), x, drawn("stem.weight", [6, 3, 3, 3])))
    let mixed = try graph.add(
      Relu(), graph.add(Conv(), stem, drawn("mixed.weight", [8, 6, 1, 1]), name: "mixed"))
    let depthwise = try graph.add(
      Conv(group: 8), mixed, drawn("depthwise.weight", [8, 1, 3, 3]), drawn("depthwise.bias", [8]),
      name: "depthwise")
    let flat = try graph.add(Flatten(), graph.add(GlobalAveragePool(), depthwise))
    graph.addOutput(
      try graph.add(Gemm(transB: true), flat, drawn("fc.weight", [4, 8]), drawn("fc.bias", [4])),
      name: "output")
    let problem = try ResidualProblem()
    let found = try graph.pruningGroups()
    let removal = ChannelRemoval([0, 2], of: found.groups[0])
    let refit = ChannelRefit(whole: graph, removal: removal, bound: found.bound)
    let outcome = try refit(graph.removing(removal), problem.data, problem.context)
    #expect(outcome.fitted == 3 && outcome.withoutPatches.isEmpty)
    #expect(outcome.errors.after < outcome.errors.before)
  }

  @Test("Layers whose patches are not known are left alone, and the user told")
  func unknown() throws {
    var random = Philox(seed: 4)
    var graph = Graph(name: "decoder")
    func drawn(_ name: String, _ shape: Shape) -> Value {
      graph.addWeight(name, Tensor((0..<shape.count).map { _ in random.normal() * 0.4 }, shape))
    }
    let x = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 8, 8]))
    let stem = try graph.add(Relu(), graph.add(Conv(), x, drawn("stem.weight", [6, 3, 3, 3])))
    let wide = try graph.add(ConvTranspose(), stem, drawn("wide.weight", [6, 4, 2, 2]))
    let flat = try graph.add(Flatten(), graph.add(GlobalAveragePool(), wide))
    graph.addOutput(
      try graph.add(Gemm(transB: true), flat, drawn("fc.weight", [4, 4])), name: "output")
    let problem = try ResidualProblem()
    let outcome = try ChannelPruning(given: [
      "channels": .number(0.5), "epochs": .wholeNumber(0), "criterion": .word("lasso"),
    ]).apply(to: graph, Context(data: problem.data, teacher: graph))
    #expect(
      outcome.notes.contains { $0.contains("refit leaves wide.weight because the patches") },
      "\(outcome.notes)")
    // The stem's channels are read by nothing else.
    #expect(outcome.notes.filter { $0.contains("as l1 does") }.count == 1, "\(outcome.notes)")
  }

  @Test("lasso refits unless told otherwise, others where told") func settings() throws {
    let problem = try ResidualProblem(width: 12)
    func pruned(_ more: [String: SettingValue]) throws -> Graph {
      let settings: [String: SettingValue] = [
        "channels": .number(0.5), "epochs": .wholeNumber(0), "scope": .word("local"),
      ]
      return try ChannelPruning(given: settings.merging(more) { $1 })
        .apply(to: problem.network, problem.context).graph
    }
    for criterion in ["lasso", "l1"] {
      let plain = try pruned(["criterion": .word(criterion), "refit": .flag(false)])
      let usual = try pruned(["criterion": .word(criterion)])
      let fitted = try pruned(["criterion": .word(criterion), "refit": .flag(true)])
      #expect(
        usual.floats("fc.weight") == (criterion == "lasso" ? fitted : plain).floats("fc.weight"))
      #expect(plain.floats("fc.weight") != fitted.floats("fc.weight"))
      #expect(
        try distance(problem.network, fitted, channels: 3, size: 8)
          < distance(problem.network, plain, channels: 3, size: 8))
    }
    #expect(throws: CompressionError.self) {
      try ChannelPruning(given: ["refit": .flag(true), "epochs": .wholeNumber(0)])
        .apply(to: problem.network, Context(data: nil, teacher: problem.network))
    }
  }
}
