import PithData
import PithGraph
import PithKernels
import PithTensors
import PithTraining
import Testing

@Suite("Trainer")
struct TrainerTests {
  @Test("learns")
  func learns() throws {
    let problem = try SmallProblem(samples: 120)
    var settings = problem.settings
    settings.epochs = 8
    let trainer = try Trainer(problem.network, problem.data, settings)
    let trained = try trainer.run()
    #expect(trainer.epochs.count == 8)
    #expect(trainer.epochs[7].loss < 0.6 * trainer.epochs[0].loss)
    let measured = try Evaluator(
      trained, #require(problem.data.validation), preprocessing: .raw
    ).run()
    #expect(measured.top1 > 0.8)
    #expect(measured.top1 == trainer.epochs[7].validation?.top1)
  }

  @Test(
    "gives the same bits for the same seed, others for another",
    arguments: Optimizer.allCases.map { ($0, 1) } + [(.sgd, 2)])
  func determinism(_ optimizer: Optimizer, threads: Int) throws {
    let problem = try SmallProblem(threads: threads)
    defer { Threads.count = 1 }
    var settings = problem.settings
    settings.optimizer = optimizer
    settings.augmentation = .standard
    let first = try Trainer(problem.network, problem.data, settings).run().bits
    let second = try Trainer(problem.network, problem.data, settings, workers: 3).run().bits
    #expect(first == second)
    settings.seed += 1
    #expect(try Trainer(problem.network, problem.data, settings).run().bits != first)
  }

  @Test("keeps what a mask hides at zero, from the first step on")
  func masks() throws {
    let problem = try SmallProblem()
    let weight = problem.weight("conv.weight")
    let shape = try #require(problem.network.weights[weight]).shape
    let half = Tensor((0..<shape.count).map { Float($0 % 2) }, shape)
    let quarter = Tensor((0..<shape.count).map { Float($0 % 4 == 3 ? 1 : 0) }, shape)
    let trainer = try Trainer(
      problem.network, problem.data, problem.settings, masks: [weight: half])
    trainer.willStep = { trainer in
      let mask = trainer.step < 5 ? half : quarter
      if trainer.step == 5 { try trainer.setMask(mask, of: weight) }
      #expect(try trainer.mask(weight) == mask)
      let hidden = zip(try trainer.weight(weight).floats, mask.floats).filter { $1 == 0 }
      #expect(hidden.allSatisfy { $0.0 == 0 })
    }
    let values = try #require(trainer.run().weights[weight]).floats
    #expect(values.count { $0 == 0 } == shape.count * 3 / 4)
    #expect(throws: TrainingError.self) {
      try trainer.setMask(half, of: problem.weight("fc.weight"))
    }
    #expect(throws: TrainingError.self) {
      try trainer.setMask(Tensor([1, 0] as [Float]), of: weight)
    }
  }

  @Test("leaves frozen weights and their statistics alone")
  func frozen() throws {
    let problem = try SmallProblem()
    let names = ["conv.weight", "conv.bias", "bn1.weight", "bn1.bias", "bn2.weight", "bn2.bias"]
    let trained = try Trainer(
      problem.network, problem.data, problem.settings,
      frozen: Set(names.map(problem.weight))
    ).run()
    let (before, after) = (problem.network.bits, trained.bits)
    let changed = before.keys.filter { before[$0] != after[$0] }
    #expect(Set(changed) == ["fc.weight", "fc.bias"])
  }

  @Test("follows the batches' statistics unless they are frozen", arguments: [false, true])
  func statistics(_ freezes: Bool) throws {
    let problem = try SmallProblem()
    var settings = problem.settings
    settings.freezesStatistics = freezes
    let trained = try Trainer(problem.network, problem.data, settings).run()
    let (before, after) = (problem.network.bits, trained.bits)
    for name in ["bn1.mean", "bn1.variance", "bn2.mean", "bn2.variance"] {
      #expect((before[name] == after[name]) == freezes)
    }
    #expect(before["bn1.weight"] != after["bn1.weight"])
  }

  @Test("gives the weights of the epoch that did best")
  func best() throws {
    let problem = try SmallProblem()
    var settings = problem.settings
    settings.keepsBest = true
    settings.epochs = 6
    settings.schedule = .constant
    settings.learningRate = 0.3
    let trainer = try Trainer(problem.network, problem.data, settings)
    let trained = try trainer.run()
    let accuracies = trainer.epochs.compactMap { $0.validation?.top1 }
    let measured = try Evaluator(
      trained, #require(problem.data.validation), preprocessing: .raw
    ).run()
    #expect(measured.top1 == accuracies.max())
  }

  @Test("imitates a teacher", arguments: [Loss.distillation(), .logits()])
  func teacher(_ loss: Loss) throws {
    let problem = try SmallProblem(samples: 120)
    var settings = problem.settings
    settings.epochs = 8
    let teacher = try Trainer(problem.network, problem.data, settings).run()
    settings.loss = loss
    let trainer = try Trainer(problem.network, problem.data, settings, teacher: teacher)
    _ = try trainer.run()
    #expect(trainer.epochs[7].loss < 0.5 * trainer.epochs[0].loss)
    #expect(trainer.epochs[7].validation?.top1 ?? 0 > 0.8)
  }

  @Test("stops when the loss is no longer a number")
  func divergence() throws {
    let problem = try SmallProblem()
    var settings = problem.settings
    settings.learningRate = 1e30
    let trainer = try Trainer(problem.network, problem.data, settings)
    #expect(throws: TrainingError.self) { try trainer.run() }
  }

  @Test("tells progress after every step")
  func progress() throws {
    let problem = try SmallProblem()
    let trainer = try Trainer(problem.network, problem.data, problem.settings)
    var steps: [Int] = []
    trainer.didStep = { progress in
      steps.append(progress.epoch * progress.stepsPerEpoch + progress.step)
      #expect(progress.loss > 0 && progress.imagesPerSecond > 0 && progress.secondsLeft >= 0)
    }
    _ = try trainer.run()
    #expect(trainer.stepsPerEpoch == 4)
    #expect(steps == Array(1...12))
  }
}

@Suite("Training refuses")
struct TrainingRefusalTests {
  let problem: SmallProblem

  init() throws { problem = try SmallProblem() }

  @Test("labels beyond the network's classes")
  func labels() throws {
    let split = try PithData.Split(
      Tensor(.float32, [16, 2, 6, 6]), labels: [Int32](repeating: 3, count: 16))
    let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
    #expect(throws: TrainingError.self) { try Trainer(problem.network, data, problem.settings) }
    #expect(throws: TrainingError.self) {
      try Evaluator(problem.network, split, preprocessing: .raw)
    }
  }

  @Test("data without labels")
  func unlabelled() throws {
    let split = try PithData.Split(Tensor(.float32, [16, 2, 6, 6]), labels: nil)
    let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
    #expect(throws: TrainingError.self) { try Trainer(problem.network, data, problem.settings) }
  }

  @Test("samples of another size")
  func size() throws {
    let split = try PithData.Split(
      Tensor(.float32, [16, 2, 5, 6]), labels: [Int32](repeating: 0, count: 16))
    let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
    #expect(throws: TrainingError.self) { try Trainer(problem.network, data, problem.settings) }
  }

  @Test("a teacher of other classes")
  func teacher() throws {
    var settings = problem.settings
    settings.loss = .distillation()
    let other = try problem.network.withClasses(4, seed: 1)
    #expect(throws: TrainingError.self) {
      try Trainer(problem.network, problem.data, settings, teacher: other)
    }
  }

  @Test("to train nothing")
  func nothing() throws {
    let all = Set(problem.network.weights.keys)
    #expect(throws: TrainingError.self) {
      try Trainer(problem.network, problem.data, problem.settings, frozen: all)
    }
  }

  @Test("settings out of range")
  func settings() throws {
    let changes: [(inout TrainingSettings) -> Void] = [
      { $0.learningRate = .nan }, { $0.batch = 0 }, { $0.epochs = -1 }, { $0.weightDecay = -1 },
      { $0.loss = .distillation(temperature: 0) }, { $0.loss = .crossEntropy(smoothing: 2) },
      { $0.warmup = .infinity },
    ]
    for change in changes {
      var settings = problem.settings
      change(&settings)
      #expect(throws: TrainingError.self) {
        try Trainer(problem.network, problem.data, settings)
      }
    }
  }
}
