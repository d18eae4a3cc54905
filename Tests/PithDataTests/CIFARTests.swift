import Foundation
import PithData
import PithTensors
import Testing

@Suite struct CIFARTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["", "cifar-10-batches-bin/"]) func readsTheBinaryVersion(_ path: String) throws
  {
    try SyntheticSets.writeCIFAR10(folder, under: path)
    let data = try folder.open("cifar10")
    #expect(data.sampleShape == [3, 32, 32])
    #expect(data.train.count == 20)
    #expect(data.train.labels == (0..<20).map { Int32($0 % 10) })
    let expected = (0..<3072).map { Int(SyntheticSets.pixel(13, $0)) }
    #expect(try data.train.sample(at: 13).integers == expected)
    #expect(data.classNames.last == "truck")
  }

  @Test func classNamesComeFromTheSet() throws {
    try SyntheticSets.writeCIFAR10(folder)
    try folder.write("batches.meta.txt", Array((0..<10).map { "class\($0)\n" }.joined().utf8))
    #expect(try folder.open("cifar10").classNames == (0..<10).map { "class\($0)" })
    try folder.write("batches.meta.txt", Array("too few\n".utf8))
    #expect(try folder.open("cifar10").classNames.first == "airplane")
  }

  @Test func readsFineLabelsOfTheHundred() throws {
    try folder.write("train.bin", SyntheticSets.cifar(0..<4) { [19, UInt8(99 - $0)] })
    try folder.write("test.bin", SyntheticSets.cifar(0..<2) { [3, UInt8($0)] })
    let data = try folder.open("cifar100")
    #expect(data.train.labels == [99, 98, 97, 96])
    #expect(data.test?.labels == [0, 1])
    #expect(data.classCount == 100)
    let expected = (0..<3072).map { Int(SyntheticSets.pixel(2, $0)) }
    #expect(try data.train.sample(at: 2).integers == expected)
  }

  @Test func partsOfRecordsAreRefused() throws {
    try SyntheticSets.writeCIFAR10(folder)
    let records = SyntheticSets.cifar(0..<2) { _ in [1] }
    for length in [1, 2, 3072, 3074, 6145] {
      try folder.write("data_batch_3.bin", Array(records[..<length]))
      let path = folder.url.appendingPathComponent("data_batch_3.bin").path
      let rest = length % 3073
      #expect(
        fault { _ = try folder.open("cifar10") }
          == .truncated(file: path, offset: length - rest, expected: 3073, found: rest))
    }
    try folder.write("data_batch_3.bin", [])
    guard case .empty? = fault({ _ = try folder.open("cifar10") }) else {
      Issue.record("an empty file was taken")
      return
    }
  }

  @Test func labelsOutOfRangeAreNamed() throws {
    try SyntheticSets.writeCIFAR10(folder)
    try folder.write("test_batch.bin", SyntheticSets.cifar(0..<3) { [$0 == 2 ? 10 : 0] })
    let path = folder.url.appendingPathComponent("test_batch.bin").path
    #expect(
      fault { _ = try folder.open("cifar10") }
        == .labelOutOfRange(file: path, offset: 6146, label: 10, classCount: 10))
  }

  @Test func theJPEGEditionIsExplained() throws {
    try folder.write("cifar10_train_jpeg.tar.xz", [1])
    let error = try #require(fault { _ = try folder.open("cifar10") })
    #expect("\(error)".contains("make_bins.py"))
  }
}
