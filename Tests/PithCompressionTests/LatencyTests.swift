import Foundation
import PithCompression
import PithGraph
import PithModels
import PithOperators
import PithTensors
import Testing

@Suite("Latency as a budget")
struct LatencyTests {
  private static func network() throws -> Graph {
    try ResNet20.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
  }

  private func table(_ graph: Graph, _ timer: SyntheticTimer) throws -> (
    LatencyTable, PruningGroups
  ) {
    let groups = try graph.pruningGroups()
    return (
      try LatencyTable(of: graph, groups.groups, bound: groups.bound, batch: 1, timer), groups
    )
  }

  /// The share of the time that a timer gives a network.
  private func share(_ graph: Graph, of whole: Graph, _ timer: SyntheticTimer) -> Double {
    let times = timer.rounds(of: [whole, graph], batch: 1)
    return times[1][0] / times[0][0]
  }

  @Test("A line without negative numbers is the nearest of a grid of such lines")
  func line() {
    var random = Philox(seed: 4)
    for _ in 0..<40 {
      let points = (0..<4).map { _ in
        (x: Double(random.uniform()), y: Double(random.uniform() * 2 - 0.7))
      }
      func error(_ a: Double, _ b: Double) -> Double {
        points.reduce(0) { $0 + (a + b * $1.x - $1.y) * (a + b * $1.x - $1.y) }
      }
      let line = NonNegativeLine(through: points)
      #expect(line.constant >= 0 && line.slope >= 0)
      let least = error(line.constant, line.slope)
      for a in 0...60 {
        for b in 0...60 { #expect(least <= error(Double(a) / 30, Double(b) / 15) + 1e-12) }
      }
    }
    let exact = NonNegativeLine(through: [(1, 5), (0.5, 3), (0.25, 2)])
    #expect(abs(exact.constant - 1) < 1e-12 && abs(exact.slope - 4) < 1e-12)
    #expect(NonNegativeLine(through: []) == NonNegativeLine(through: [(0, 0)]))
  }

  @Test("Times that are a + b kept-in kept-out are found again")
  func recovered() throws {
    let graph = try Self.network()
    let timer = SyntheticTimer()
    let (table, _) = try table(graph, timer)
    let convolutions = graph.nodes.filter { $0.operator is Conv }
    #expect(convolutions.count > 18)
    for node in convolutions {
      let shape = try #require(node.inputs[1].flatMap { graph.weights[$0]?.shape })
      let layer = try #require(table.layers.first { $0.name == node.name })
      #expect(abs(layer.fixed - timer.fixed) < 1e-9)
      #expect(abs(layer.shrinking - timer.perProduct * Double(shape[0] * shape[1])) < 1e-9)
    }
    let rest = try #require(table.layers.first { $0.name == LayerWork.rest })
    #expect(abs(rest.fixed - timer.rest) < 1e-9 && rest.shrinking < 1e-9)
    #expect(table.largestError < 1e-9)
  }

  @Test("The table agrees with networks that it was not made from, and so does the model")
  func predictions() throws {
    let graph = try Self.network()
    // Half of what the steps' clock shows, and something that no step does.
    let timer = SyntheticTimer(whole: { 0.5 * $0 + 0.3 })
    let (table, groups) = try table(graph, timer)
    let model = BudgetModel(groups.groups, bound: groups.bound, latency: table)
    var random = Philox(seed: 2)
    for _ in 0..<4 {
      var removal = ChannelRemoval()
      let left = groups.groups.map { group in
        let removed = Int(random.next() % UInt64(group.count))
        removal.remove(random.permutation(group.count).prefix(removed), of: group)
        return Double(group.count - removed)
      }
      let expected = share(try graph.removing(removal), of: graph, timer)
      #expect(abs(1 - table.saved(by: removal) - expected) < 1e-9)
      #expect(abs(model.share(left) - expected) < 1e-9)
    }
  }

  @Test("Channel pruning keeps to the time", arguments: [1, 8])
  func channelPruning(_ block: Int) throws {
    let graph = try Self.network()
    let timer = SyntheticTimer(block: block)
    var context = Context(data: nil, teacher: graph)
    context.timer = timer
    let outcome = try ChannelPruning(given: ["latency": .number(0.6), "epochs": .wholeNumber(0)])
      .apply(to: graph, context)
    let left = share(outcome.graph, of: graph, timer)
    #expect(abs(left - 0.6) <= 0.012, "\(left) \(outcome.notes)")
    let note = try #require(
      outcome.notes.first { $0.hasPrefix("latency at batch 1: asked 60.0 %") })
    #expect(note.contains("measured"))
    #expect(note.contains("choices") == (block > 1))
    #expect(outcome.notes.contains { $0.contains("→") && $0.contains("batch 32") })
  }

  @Test("A time that cannot be reached is told")
  func unreachable() throws {
    let graph = try Self.network()
    var context = Context(data: nil, teacher: graph)
    context.timer = SyntheticTimer(whole: { _ in 1 })
    let outcome = try ChannelPruning(given: ["latency": .number(0.5), "epochs": .wholeNumber(0)])
      .apply(to: graph, context)
    #expect(outcome.warnings.contains { $0.contains("was not reached") })
  }

  @Test("What is slower without its channels is told, with the multiple that is not")
  func slower() throws {
    let graph = try Self.network()
    let slow = SlowOddWidths()
    var context = Context(data: nil, teacher: graph)
    context.timer = slow
    let outcome = try ChannelPruning(given: [
      "macs": .number(0.7), "epochs": .wholeNumber(0),
    ]).apply(to: graph, context)
    let note = try #require(outcome.warnings.first { $0.hasPrefix("slower at batch 1") })
    // The first of the others that is within 2 % of the fastest, each made on its own.
    let multiples = [4, 8, 16, 32]
    let times = try multiples.map { multiple in
      let other = try ChannelPruning(given: [
        "macs": .number(0.7), "epochs": .wholeNumber(0), "round": .wholeNumber(multiple),
      ]).apply(to: graph, context).graph
      return slow.rounds(of: [other], batch: 1)[0][0]
    }
    let least = try #require(times.min())
    let best = try #require(zip(multiples, times).first { $1 <= 1.02 * least }?.0)
    #expect(note.contains("round: auto would keep multiples of \(best) channels"), "\(note)")
  }

  /// Networks with a width that is no multiple of eight take three times as long.
  private struct SlowOddWidths: LatencyTimer {
    private func time(_ network: Graph) -> Double {
      let time = SyntheticTimer().rounds(of: [network], batch: 1)[0][0]
      let isOdd = network.nodes.contains { node in
        node.operator is Conv
          && !(network.type(of: node.output!)?.dimensions[1].size ?? 0).isMultiple(of: 8)
      }
      return isOdd ? 3 * time : time
    }

    func rounds(of networks: [Graph], batch: Int) -> [[Double]] { networks.map { [time($0)] } }
    func profiles(of networks: [Graph], batch: Int) -> [LatencyProfile] {
      SyntheticTimer().profiles(of: networks, batch: batch)
    }
  }

  @Test("Learnable masks keep to the time, with one gate for channels that go together")
  func masks() throws {
    let problem = try ResidualProblem(samples: 128)
    let timer = SyntheticTimer(perProduct: 0.001, block: 2)
    var context = problem.context
    context.timer = timer
    let outcome = try LearnableMasks(given: [
      "latency": .number(0.6), "epochs": .wholeNumber(6), "batch": .wholeNumber(16),
      "learning-rate": .number(0.05),
    ]).apply(to: problem.network, context)
    let left = share(outcome.graph, of: problem.network, timer)
    #expect(abs(left - 0.6) <= 0.012, "\(left) \(outcome.notes)")
    func extents(_ name: String) throws -> [Int] {
      try #require(outcome.graph.value(named: name).flatMap { outcome.graph.weights[$0] })
        .shape.dimensions
    }
    #expect(try extents("stem.weight")[0] == extents("second.weight")[0])
    #expect(try extents("first.weight")[0] == extents("second.weight")[1])
    #expect(outcome.notes.contains { $0.contains("asked 60.0 %") && $0.contains("predicted") })
    #expect(outcome.notes.contains { $0.contains("→") && $0.contains("at batch 1") })
  }

  @Test("A run that goes on gets the times that it had")
  func record() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let graph = try Self.network()
    let first = LatencyRecord(SyntheticTimer(), file: file)
    let times = first.rounds(of: [graph], batch: 1)
    let profiles = try first.profiles(of: [graph], batch: 1)
    let second = LatencyRecord(SyntheticTimer(fixed: 7, rest: 0.1 + 0.2), file: file)
    #expect(second.rounds(of: [graph], batch: 1) == times)
    #expect(try second.profiles(of: [graph], batch: 1) == profiles)
    #expect(second.rounds(of: [graph], batch: 2) != times)
    #expect(second.rounds(of: [try ResidualProblem().network], batch: 1) != times)
  }

  @Test("This machine's clock knows every layer, and keeps what it measured")
  func machine() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let graph = try ResidualProblem(samples: 4, width: 8).network
    let profiles = try MachineTimer(file: file).profiles(of: [graph], batch: 2)
    for name in ["stem", "first", "second", "fc"] { #expect((profiles[0].steps[name] ?? 0) > 0) }
    #expect(profiles[0].whole > 0)
    #expect(try MachineTimer(file: file).profiles(of: [graph], batch: 2) == profiles)
  }

  @Test("Two budgets are refused")
  func settings() {
    #expect(throws: SettingError.self) {
      try ChannelPruning(given: ["macs": .number(0.5), "latency": .number(0.5)])
    }
    #expect(throws: SettingError.self) {
      try LearnableMasks(given: ["latency": .number(0.5), "parameters": .number(0.5)])
    }
  }
}
