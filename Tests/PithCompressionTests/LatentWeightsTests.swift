import Foundation
import PithCompression
import PithGraph
import PithTensors
import PithTraining
import Testing

/// Weights that are trained on behind their masks.
@Suite struct LatentWeightsTests {
  private let problem: SmallProblem
  private let weight: Value
  private let mask: Tensor

  init() throws {
    problem = try SmallProblem()
    weight = problem.weight("conv.weight")
    mask = Tensor((0..<288).map { $0 % 2 == 0 ? Float(0) : 1 }, [16, 2, 3, 3])
  }

  private func trainer(latent: Bool) throws -> Trainer {
    try Trainer(
      problem.network, problem.data,
      TrainingSettings(
        epochs: 2, batch: 8, learningRate: 0.05, weightDecay: 0, seed: 4),
      masks: [weight: mask], latent: latent ? [weight] : [])
  }

  @Test func hiddenWeightsMoveAndStayHidden() throws {
    let start = problem.network.floats("conv.weight")
    let trainer = try trainer(latent: true)
    let network = try trainer.run()
    let (shown, whole) = (network.floats("conv.weight"), try trainer.weight(weight).floats)
    for index in shown.indices {
      #expect(shown[index] == (index % 2 == 0 ? 0 : whole[index]))
    }
    let moved = start.indices.count { $0 % 2 == 0 && whole[$0] != start[$0] }
    #expect(moved > 100)
    try trainer.setMask(Tensor([Float](repeating: 1, count: 288), mask.shape), of: weight)
    #expect(try trainer.trainedNetwork().floats("conv.weight") == whole)
  }

  /// The network that is trained is that of the visible weights: the first step's loss is the same
  /// as where masked weights are gone for good, and so is what the visible ones learn from it.
  @Test func theVisibleNetworkIsTrained() throws {
    var (losses, weights): ([Double], [[Float]]) = ([], [])
    for latent in [true, false] {
      let trainer = try trainer(latent: latent)
      trainer.didStep = {
        if losses.count < 2, $0.step == 1, $0.epoch == 0 { losses.append($0.loss) }
      }
      var first: [Float] = []
      trainer.willStep = { trainer in
        if trainer.step == 1 { first = try trainer.trainedNetwork().floats("conv.weight") }
      }
      _ = try trainer.run()
      weights.append(first)
    }
    #expect((losses[0] - losses[1]).magnitude < 1e-6)
    let difference = zip(weights[0], weights[1]).map { ($0 - $1).magnitude }.max() ?? 1
    #expect(difference < 1e-6)
  }

  @Test func aCheckpointKeepsWhatIsHidden() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try trainer(latent: true)
    _ = try whole.run()
    let first = try trainer(latent: true)
    first.checkpoint = folder.appending(path: "checkpoint")
    first.shouldStop = { first.step == 7 }
    #expect(throws: TrainingError.self) { try first.run() }
    let second = try trainer(latent: true)
    second.checkpoint = first.checkpoint
    try second.resume()
    _ = try second.run()
    #expect(try second.weight(weight) == whole.weight(weight))
  }

  /// With surgery some weights that were pruned on the way are there at the end, and others are not
  /// that were kept: the masks are chosen again from all weights.
  @Test func surgeryLetsWeightsReturn() throws {
    func mask(_ schedule: String) throws -> [Bool] {
      let method = try Pruning(given: [
        "schedule": .word(schedule), "sparsity": .number(0.7), "epochs": .wholeNumber(8),
        "batch": .wholeNumber(8), "interval": .wholeNumber(2), "learning-rate": .number(0.3),
        "ramp": .number(0.3),
      ])
      let graph = try method.apply(to: problem.network, problem.context).graph
      return (graph.floats("conv.weight") + graph.floats("fc.weight")).map { $0 == 0 }
    }
    let (surgery, gradual) = (try mask("dynamic-surgery"), try mask("gradual"))
    #expect(surgery.count { $0 } == 235)
    #expect(gradual.count { $0 } == 235)
    #expect(surgery != gradual)
  }
}
