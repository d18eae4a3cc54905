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

  private static let subjects = TrainingStepsTests.subjects.filter {
    ["resnet20", "mobilenet-v1", "encoder-decoder", "transformer"].contains($0.name)
  }

  @Test("is saved without changing a bit", arguments: subjects)
  func bits(_ subject: TrainingStepsTests.Subject) throws {
    Threads.count = 1
    let free = try trainer(subject, memory: nil)
    #expect(free.memory.repeated == 0)
    let limit = free.memory.bytes * 4 / 5
    let capped = try trainer(subject, memory: limit)
    #expect(capped.memory.bytes <= limit)
    #expect((0.1..<1).contains(capped.memory.repeated))
    let expected = try free.run().bits
    #expect(try capped.run().bits == expected)
    #expect(capped.epochs.map(\.loss) == free.epochs.map(\.loss))
  }

  @Test("of a deep network falls to a third")
  func deep() throws {
    Threads.count = 1
    let subject = try #require(TrainingStepsTests.subjects.first { $0.name == "resnet56" })
    let free = try trainer(subject, memory: nil, batch: 16)
    let capped = try trainer(subject, memory: free.memory.bytes / 3, batch: 16)
    #expect(capped.memory.bytes <= free.memory.bytes / 3)
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
