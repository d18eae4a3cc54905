import Foundation
import PithData
import PithTensors
import Testing

@Suite struct LoaderTests {
  struct Failure: Error {}

  /// `count` samples of 2 x 4 x 6 bytes, the first of each its number.
  private func split(_ count: Int) throws -> Split {
    let bytes = (0..<count).flatMap { sample in
      (0..<48).map { $0 == 0 ? UInt8(sample) : SyntheticSets.pixel(sample, $0) }
    }
    return try Split(
      Tensor(bytes, [count, 2, 4, 6]), labels: (0..<count).map { Int32($0 % 7) })
  }

  private struct Seen: Equatable {
    var index: Int
    var labels: [Int32]
    var images: [Float]
  }

  private func epoch(_ loader: Loader, _ number: Int, from first: Int = 0) throws -> [Seen] {
    var seen: [Seen] = []
    try loader.epoch(number, startingAt: first) { batch in
      seen.append(
        Seen(index: batch.index, labels: Array(batch.labels), images: Array(batch.images)))
    }
    return seen
  }

  private func trainingLoader(_ split: Split, seed: UInt64 = 5, workers: Int = 1) throws -> Loader {
    try Loader(
      split, batch: 8, preprocessing: .unit,
      augmentation: Augmentation(horizontalFlip: true, padding: 2), shuffle: true, seed: seed,
      workers: workers)
  }

  @Test func sequentialBatchesHoldEverySampleInOrder() throws {
    let split = try split(21)
    let loader = try Loader(split, batch: 8, preprocessing: .raw)
    #expect(loader.batchCount == 3)
    #expect(loader.shape == [8, 2, 4, 6])
    let seen = try epoch(loader, 0)
    #expect(seen.map(\.labels.count) == [8, 8, 5])
    #expect(seen.flatMap(\.labels) == split.labels)
    let expected = try (0..<21).flatMap { try split.sample(at: $0).floats }
    #expect(seen.flatMap(\.images) == expected)
  }

  @Test func targetsFollowTheirSamples() throws {
    let inputs = Tensor((0..<21).map(Float.init), [21, 1])
    let split = try Split(inputs, targets: Tensor((0..<63).map(Float.init), [21, 3]))
    for part in [split, split.subset([3, 20, 7, 7, 0]), split.prefix(4)] {
      let loader = try Loader(part, batch: 4, preprocessing: .raw, shuffle: true, seed: 3)
      for number in 0..<2 {
        try loader.epoch(number) { batch in
          #expect(batch.paddedTargets.count == 12)
          let expected = batch.images.flatMap { [3 * $0, 3 * $0 + 1, 3 * $0 + 2] }
          #expect(Array(batch.paddedTargets.prefix(batch.count * 3)) == expected)
          #expect(batch.paddedTargets.dropFirst(batch.count * 3).allSatisfy { $0 == 0 })
          #expect(batch.labels.allSatisfy { $0 == -1 })
        }
      }
    }
  }

  @Test func lastBatchIsPaddedWithZeros() throws {
    let loader = try Loader(try split(3), batch: 2, preprocessing: .unit)
    for _ in 0..<3 {
      try loader.epoch(0) { batch in
        #expect(batch.paddedImages.count == 96)
        guard batch.index == 1 else { return }
        #expect(batch.count == 1)
        #expect(batch.paddedImages[48...].filter { $0 != 0 }.isEmpty)
        #expect(Array(batch.paddedLabels) == [2, -1])
        #expect(batch.imageTensor.shape == [1, 2, 4, 6])
        #expect(batch.labelTensor.integers == [2])
      }
    }
  }

  @Test func lastBatchCanBeLeftOut() throws {
    let loader = try Loader(try split(21), batch: 8, preprocessing: .raw, dropLast: true)
    #expect(loader.batchCount == 2)
    #expect(loader.sampleCount == 16)
    #expect(try epoch(loader, 0).count == 2)
  }

  @Test func shufflingGivesEachSampleOnceInAnotherOrderEachEpoch() throws {
    let loader = try Loader(try split(50), batch: 8, preprocessing: .raw, shuffle: true, seed: 3)
    let orders = try (0..<3).map { number in
      try epoch(loader, number).flatMap { seen in
        stride(from: 0, to: seen.images.count, by: 48).map { Int(seen.images[$0]) }
      }
    }
    for order in orders { #expect(order.sorted() == Array(0..<50)) }
    #expect(Set(orders).count == 3)
  }

  @Test func threadsChangeNothing() throws {
    let split = try split(45)
    let one = try trainingLoader(split)
    let four = try trainingLoader(split, workers: 4)
    for number in 0..<3 { #expect(try epoch(one, number) == epoch(four, number)) }
    #expect(try epoch(one, 0) != epoch(try trainingLoader(split, seed: 6), 0))
  }

  @Test func resumedEpochsAreTheSame() throws {
    let split = try split(45)
    let whole = try epoch(try trainingLoader(split), 2)
    for first in 0...6 {
      #expect(try epoch(try trainingLoader(split), 2, from: first) == Array(whole[first...]))
    }
    #expect(try epoch(try trainingLoader(split), 2, from: 9).isEmpty)
  }

  @Test func throwingEndsTheEpoch() throws {
    let loader = try trainingLoader(try split(45), workers: 3)
    let whole = try epoch(loader, 1)
    var count = 0
    #expect(throws: Failure.self) {
      try loader.epoch(1) { _ in
        count += 1
        if count == 2 { throw Failure() }
      }
    }
    #expect(count == 2)
    #expect(try epoch(loader, 1) == whole)
  }

  @Test func oneEpochAtATime() throws {
    let loader = try trainingLoader(try split(9))
    let whole = try epoch(loader, 0)
    try loader.epoch(0) { _ in #expect(fault { try loader.epoch(1) { _ in } } != nil) }
    #expect(try epoch(loader, 0) == whole)
  }

  @Test func samplesOfAnyRankPass() throws {
    let values = Tensor((0..<12).map(Float.init), [4, 3])
    let loader = try Loader(try Split(values, labels: nil), batch: 2, preprocessing: .raw)
    #expect(loader.shape == [2, 3])
    let seen = try epoch(loader, 0)
    #expect(seen.flatMap(\.images) == (0..<12).map(Float.init))
    #expect(seen.flatMap(\.labels) == [-1, -1, -1, -1])
  }

  @Test func impossibleSettingsAreRefused() throws {
    let split = try split(5)
    let colours = Preprocessing(mean: [1, 2, 3])
    #expect(fault { _ = try Loader(split, batch: 0, preprocessing: .unit) } != nil)
    #expect(fault { _ = try Loader(split, batch: .max, preprocessing: .unit) } != nil)
    #expect(fault { _ = try Loader(split, batch: 6, preprocessing: .unit, dropLast: true) } != nil)
    #expect(fault { _ = try Loader(split, batch: 2, preprocessing: .unit, workers: 0) } != nil)
    #expect(fault { _ = try Loader(split, batch: 2, preprocessing: colours) } != nil)
    #expect(fault { _ = try Loader(split, batch: 2, preprocessing: .caffe) } != nil)
    for padding in [-1, 7, .max] {
      let augmentation = Augmentation(padding: padding)
      #expect(
        fault {
          _ = try Loader(split, batch: 2, preprocessing: .unit, augmentation: augmentation)
        } != nil)
    }
    #expect(fault { _ = try Split(Tensor(.float32, [0, 3]), labels: nil) } != nil)
    #expect(fault { _ = try Split(Tensor(.float32, [2, 3]), labels: [1]) } != nil)
    #expect(fault { _ = try Split(Tensor(.int32, [2, 3]), labels: nil) } != nil)
  }
}
