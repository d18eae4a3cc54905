import PithData
import PithTensors
import Testing

@Suite struct ValidationSplitTests {
  /// `counts[c]` samples of class c, mixed; each sample is its number.
  private func dataset(_ counts: [Int]) throws -> Dataset {
    var labels = counts.enumerated().flatMap { label, count in
      Array(repeating: Int32(label), count: count)
    }
    var generator = Philox(seed: 9)
    labels = generator.permutation(labels.count).map { labels[$0] }
    let values = Tensor(labels.indices.map { Float($0) }, [labels.count, 1])
    return Dataset(
      name: "test", classNames: counts.indices.map { "\($0)" },
      train: try Split(values, labels: labels))
  }

  private func numbers(_ split: Split) throws -> [Int] {
    try (0..<split.count).flatMap { try split.sample(at: $0).integers }
  }

  @Test func everyClassGivesItsShare() throws {
    let data = try dataset([100, 50, 30, 20])
    let parts = try data.split(validation: 40, seed: 1)
    let held = try #require(parts.validation)
    #expect(held.classCounts(4) == [20, 10, 6, 4])
    #expect(parts.train.classCounts(4) == [80, 40, 24, 16])
    #expect(try (numbers(parts.train) + numbers(held)).sorted() == Array(0..<200))
    #expect(try numbers(held).allSatisfy { data.train.labels?[$0] != nil } == true)
    for (position, number) in try numbers(held).enumerated() {
      #expect(held.labels?[position] == data.train.labels?[number])
    }
  }

  @Test func whatIsLeftOverGoesToTheLargestRemainders() throws {
    let parts = try dataset([5, 3, 2]).split(validation: 4, seed: 1)
    #expect(parts.validation?.classCounts(3) == [2, 1, 1])
  }

  @Test func theSeedDecides() throws {
    let data = try dataset([40, 40])
    func held(_ seed: UInt64) throws -> [Int] {
      try numbers(try #require(try data.split(validation: 10, seed: seed).validation))
    }
    #expect(try held(1) == held(1))
    #expect(try held(1) != held(2))
  }

  @Test func smallSplitsAreWarnedOf() throws {
    let few = try dataset([100, 3]).split(validation: 10, seed: 1)
    #expect(few.warnings.first?.contains("no sample of 1 of 2 classes") == true)
    let enough = try dataset([1000, 1000]).split(validationShare: 0.5, seed: 1)
    #expect(enough.warnings.isEmpty)
    #expect(enough.validation?.count == 1000)
  }

  @Test func aSplitThatCameWithTheDataStays() throws {
    let data = try dataset([20, 20]).split(validation: 10, seed: 1)
    #expect(try data.split(validation: 5, seed: 1).validation?.count == 10)
  }

  @Test func impossibleCountsAreRefused() throws {
    let data = try dataset([5, 5])
    for count in [-1, 0, 10, 11] {
      #expect(fault { _ = try data.split(validation: count, seed: 1) } != nil)
    }
    for share in [-1, 0, 1, Double.nan] {
      #expect(fault { _ = try data.split(validationShare: share, seed: 1) } != nil)
    }
  }

  @Test func subsetsShareTheMemory() throws {
    let split = try dataset([10]).train
    #expect(try numbers(split.subset([7, 2, 99, -1, 2])) == [7, 2, 2])
    #expect(try numbers(split.prefix(3)) == [0, 1, 2])
    #expect(split.prefix(99).count == 10)
  }
}
