import PithData
import PithGraph
import PithKernels
import PithTensors
import PithTraining
import Testing

/// Activations computed twice in place of being kept.
@Suite("Memory", .serialized)
struct RecomputationTests {
  private func trainer(
    _ subject: TrainingStepsTests.Subject, memory: Int?, batch: Int = 8
  ) throws -> Trainer {
    let settings = TrainingSettings(
      epochs: 2, batch: batch, optimizer: .adam, learningRate: 0.002,
      loss: subject.target == nil ? .crossEntropy() : .meanSquaredError, seed: 3, memory: memory)
    return try Trainer(
      subject.network(),
      TrainingData(train: subject.split(16, seed: 1), validation: nil, preprocessing: .raw),
      settings)
  }

  private static let subjects = TrainingStepsTests.subjects.filter { $0.name != "lenet-5" }

  @Test("is saved without changing a bit", arguments: subjects)
  func bits(_ subject: TrainingStepsTests.Subject) throws {
    Threads.count = 1
    let free = try trainer(subject, memory: nil)
    #expect(free.memory.repeated == 0)
    let limit = free.memory.bytes * 3 / 4
    guard let capped = try? trainer(subject, memory: limit) else {
      // In these, weights and their gradients take nearly all.
      #expect(["mobilenet-v2", "transformer", "vgg16-bn"].contains(subject.name))
      return
    }
    #expect(capped.memory.bytes <= limit)
    #expect((0.1..<1).contains(capped.memory.repeated))
    let expected = try free.run().bits
    #expect(try capped.run().bits == expected)
    #expect(capped.epochs.map(\.loss) == free.epochs.map(\.loss))
  }

  @Test("grows slowly with depth", arguments: [3])
  func segments(_ divisor: Int) throws {
    Threads.count = 1
    let subject = try #require(Self.subjects.first { $0.name == "resnet56" })
    let free = try trainer(subject, memory: nil, batch: 16)
    let capped = try trainer(subject, memory: free.memory.bytes / divisor, batch: 16)
    #expect(capped.memory.bytes * divisor <= free.memory.bytes)
    #expect(capped.memory.repeated < 1)
  }

  @Test("that is not enough is refused, with what would be")
  func refusal() throws {
    let subject = try #require(Self.subjects.first { $0.name == "resnet20" })
    do {
      _ = try trainer(subject, memory: 100_000)
      Issue.record("100 KB were enough")
    } catch TrainingError.memory(let least, limit: 100_000) {
      #expect(try trainer(subject, memory: least).memory.bytes <= least)
    }
  }
}
