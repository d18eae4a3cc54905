import Foundation
import PithData
import PithTensors
import PithTestSupport
import Testing

@Suite struct MNISTTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SyntheticSets.writeMNIST(folder)
  }

  @Test func readsPlainFiles() throws {
    let data = try folder.open("mnist")
    #expect(data.sampleShape == [1, 4, 5])
    #expect(data.train.count == 20)
    #expect(data.test?.count == 3)
    #expect(data.train.labels == (0..<20).map { Int32($0 % 10) })
    #expect(data.train.classCounts(10) == Array(repeating: 2, count: 10))
    #expect(
      try data.train.sample(at: 7).integers == (0..<20).map { Int(SyntheticSets.pixel(7, $0)) })
    #expect(fault { _ = try data.train.sample(at: 20) } != nil)
  }

  @Test(.enabled(if: sharedData("mnist") != nil, "needs mnist of the shared data"))
  func readsTheRealSet() throws {
    let url = try #require(sharedData("mnist"))
    let data = try DataSpecification("mnist:\(url.path)").open()
    // The class counts published with the set.
    #expect(
      data.train.classCounts(10)
        == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(
      data.test?.classCounts(10) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(data.train.labels?.prefix(5) == [5, 0, 4, 1, 9])
  }

  @Test func everyTruncationIsRefused() throws {
    let file = "train-images-idx3-ubyte"
    let whole = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent(file)))
    for length in [0, 1, 2, 3, 4, 7, 8, 15, 16, 17, whole.count - 1] {
      try folder.write(file, Array(whole[..<length]))
      let error = try #require(fault { _ = try folder.open("mnist") }, "length \(length)")
      #expect("\(error)".contains(file))
    }
    try folder.write(file, whole + [0])
    guard case .trailing(_, offset: whole.count)? = fault({ _ = try folder.open("mnist") }) else {
      Issue.record("a byte too many was not noticed")
      return
    }
  }

  @Test func labelsOutOfRangeAreNamed() throws {
    try folder.write(
      "train-labels-idx1-ubyte", SyntheticSets.idx([20], Array(repeating: 3, count: 19) + [10]))
    let error = fault { _ = try folder.open("mnist") }
    let file = folder.url.appendingPathComponent("train-labels-idx1-ubyte").path
    #expect(error == .labelOutOfRange(file: file, offset: 27, label: 10, classCount: 10))
  }

  @Test func countsMustAgree() throws {
    try folder.write(
      "t10k-labels-idx1-ubyte", SyntheticSets.idx([4], [1, 2, 3, 4]))
    guard case .countMismatch(_, 3, _, 4)? = fault({ _ = try folder.open("mnist") }) else {
      Issue.record("four labels for three images were taken")
      return
    }
  }

  @Test func missingFilesAreNamed() throws {
    try folder.remove("t10k-images-idx3-ubyte")
    let error = try #require(fault { _ = try folder.open("mnist") })
    #expect("\(error)".contains("t10k-images-idx3-ubyte: not found"))
  }

  @Test func hugeCountsAreRefusedBeforeMemoryIsTaken() throws {
    try folder.write(
      "train-images-idx3-ubyte", SyntheticSets.idx([0x7fff_ffff, 0x7fff_ffff, 2], [1, 2, 3]))
    #expect(fault { _ = try folder.open("mnist") } != nil)
    try folder.write(
      "train-images-idx3-ubyte", SyntheticSets.idx([1 << 31, 1 << 31, 1 << 31], [1, 2, 3]))
    #expect(fault { _ = try folder.open("mnist") } != nil)
  }

  @Test func mutatedHeadersNeverTrap() throws {
    let file = "train-images-idx3-ubyte"
    let whole = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent(file)))
    var generator = Philox(seed: 1)
    for _ in 0..<200 {
      var bytes = whole
      for _ in 0...Int(generator.next() % 3) {
        bytes[Int(generator.next() % 16)] = UInt8(truncatingIfNeeded: generator.next())
      }
      if generator.next() % 4 == 0 { bytes.removeLast(Int(generator.next() % 300)) }
      try folder.write(file, bytes)
      _ = fault { _ = try folder.open("mnist") }
    }
  }

  @Test func foldersAndPipesInPlaceOfFiles() throws {
    let path = folder.url.appendingPathComponent("t10k-labels-idx1-ubyte").path
    try folder.remove("t10k-labels-idx1-ubyte")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(
      fault { _ = try folder.open("mnist") }
        == .unreadable(file: path, reason: "it is not a plain file"))
    #expect(fault { _ = try folder.open("mnist", "nowhere") } != nil)
  }
}
