import Foundation
import PithData
import PithGraph
import PithTensors
import PithTraining
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("pith-\(UUID().uuidString)")

  private func withCheckpoint(_ body: (URL) throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("job.checkpoint"))
  }

  private func settings(_ optimizer: Optimizer, _ problem: SmallProblem) -> TrainingSettings {
    var settings = problem.settings
    settings.optimizer = optimizer
    settings.keepsBest = true
    settings.augmentation = .standard
    return settings
  }

  /// Stops before a step, takes the job up with a new trainer, and so on to the end.
  @Test("continue to the same bits, wherever a job was stopped", arguments: Optimizer.allCases)
  func resume(_ optimizer: Optimizer) throws {
    let problem = try SmallProblem()
    let settings = settings(optimizer, problem)
    let weight = problem.weight("conv.weight")
    let shape = try #require(problem.network.weights[weight]).shape
    let mask = Tensor((0..<shape.count).map { Float($0 % 3 == 0 ? 0 : 1) }, shape)
    func trainer(_ checkpoint: URL?) throws -> Trainer {
      let trainer = try Trainer(problem.network, problem.data, settings, masks: [weight: mask])
      trainer.checkpoint = checkpoint
      return trainer
    }
    let straight = try trainer(nil)
    let expected = try straight.run().bits
    try withCheckpoint { checkpoint in
      for stop in [1, 4, 6, 11] {
        let trainer = try trainer(checkpoint)
        try trainer.resume()
        trainer.shouldStop = { [unowned trainer] in trainer.step == stop }
        #expect(throws: TrainingError.self) { try trainer.run() }
        #expect(trainer.step == stop)
      }
      let last = try trainer(checkpoint)
      try last.resume()
      #expect(last.step == 11)
      #expect(try last.run().bits == expected)
      #expect(last.epochs.map(\.loss) == straight.epochs.map(\.loss))
      #expect(last.epochs.map(\.accuracy) == straight.epochs.map(\.accuracy))
      #expect(last.epochs.map(\.validation?.top1) == straight.epochs.map(\.validation?.top1))
    }
  }

  @Test("of a finished job give its result again")
  func finished() throws {
    let problem = try SmallProblem()
    let settings = settings(.adam, problem)
    try withCheckpoint { checkpoint in
      let first = try Trainer(problem.network, problem.data, settings)
      first.checkpoint = checkpoint
      let expected = try first.run().bits
      let second = try Trainer(problem.network, problem.data, settings)
      second.checkpoint = checkpoint
      try second.resume()
      #expect(second.step == second.totalSteps)
      #expect(try second.run().bits == expected)
    }
  }

  @Test("of another job are refused")
  func other() throws {
    let problem = try SmallProblem()
    let settings = settings(.sgd, problem)
    try withCheckpoint { checkpoint in
      let first = try Trainer(problem.network, problem.data, settings)
      first.checkpoint = checkpoint
      try first.saveCheckpoint()
      var changed = settings
      changed.learningRate *= 2
      let more = TrainingData(
        train: try SmallProblem.split(40, seed: 1), validation: nil, preprocessing: .raw)
      let wider = try problem.network.withClasses(5, seed: 1)
      for (network, data, settings) in [
        (problem.network, problem.data, changed), (problem.network, more, settings),
        (wider, problem.data, settings),
      ] {
        let second = try Trainer(network, data, settings)
        second.checkpoint = checkpoint
        #expect(throws: TrainingError.self) { try second.resume() }
      }
    }
  }

  @Test("that are damaged anywhere are refused, and nothing is taken from them")
  func damage() throws {
    let problem = try SmallProblem()
    let settings = settings(.sgd, problem)
    try withCheckpoint { checkpoint in
      let first = try Trainer(problem.network, problem.data, settings)
      first.checkpoint = checkpoint
      try first.saveCheckpoint()
      let bytes = try Data(contentsOf: checkpoint)
      let second = try Trainer(problem.network, problem.data, settings)
      second.checkpoint = checkpoint
      var source = GoldenNumbers(seed: 3)
      for trial in 0..<60 {
        var damaged = bytes
        if trial % 3 == 0 {
          damaged = damaged.prefix(source.integer(bytes.count))
        } else {
          // A byte of a header that nothing depends on may change unnoticed.
          damaged[source.integer(bytes.count)] ^= UInt8(1 + source.integer(255))
        }
        try damaged.write(to: checkpoint)
        let refused = (try? second.resume()) == nil
        if !refused { #expect(trial % 3 != 0) }
        #expect(second.step == 0)
        #expect(try second.trainedNetwork().bits == problem.network.bits)
      }
    }
  }

  @Test("that are not there change nothing")
  func absent() throws {
    let problem = try SmallProblem()
    let trainer = try Trainer(problem.network, problem.data, problem.settings)
    try trainer.resume()
    trainer.checkpoint = folder.appendingPathComponent("none")
    try trainer.resume()
    #expect(trainer.step == 0)
  }
}
