import Foundation
import PithData
import PithTensors
import Testing

@Suite struct ArraysTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ arrays: [(String, Tensor)]) throws -> Dataset {
    var archive = NumPyArchive()
    for (name, tensor) in arrays { try archive.add(tensor, named: name) }
    try archive.write(to: folder.url.appendingPathComponent("data.npz"))
    return try folder.open("arrays", "data.npz")
  }

  @Test func channelsLastIsTurned() throws {
    let data = try DataSpecification("arrays:\(try fixture("images_nhwc.npz").path)").open()
    #expect(data.sampleShape == [3, 5, 4])
    #expect(data.train.labels == [0, 1, 2, 0, 1, 2])
    #expect(data.test?.labels == [2, 1])
    #expect(data.classCount == 3)
    #expect(data.defaultPreprocessing == .unit)
    let archive = try NumPyArchive(contentsOf: try fixture("images_nhwc.npz"))
    let stored = try #require(archive["x_train"]).integers
    let sample = try data.train.sample(at: 4).integers
    for place in 0..<60 { #expect(sample[place] == stored[240 + place % 20 * 3 + place / 20]) }
  }

  @Test func namesAndShapesThatAreTaken() throws {
    let images = Tensor((0..<24).map(Float.init), [2, 3, 4])
    let labels = Tensor([0, 2] as [Int64])
    for names in [("x_train", "y_train"), ("inputs", "labels"), ("x", "y")] {
      let data = try open([(names.0, images), (names.1, labels), ("x_val", images)])
      #expect(data.sampleShape == [1, 3, 4])
      #expect(data.train.labels == [0, 2])
      #expect(data.classNames == ["0", "1", "2"])
      #expect(data.validation?.labels == nil)
      #expect(data.defaultPreprocessing == .raw)
    }
    let plain = try open([("inputs", images.converted(to: .float64))])
    #expect(plain.train.labels == nil)
    #expect(plain.classCount == 0)
    #expect(try plain.train.sample(at: 1).floats == (12..<24).map(Float.init))
  }

  @Test func faultsAreNamed() throws {
    let inputs = Tensor((0..<8).map(Float.init), [4, 2])
    func message(_ arrays: [(String, Tensor)]) -> String {
      fault { _ = try open(arrays) }.map { "\($0)" } ?? "no error"
    }
    #expect(message([("images", inputs)]).contains("it holds images"))
    #expect(
      message([("x", inputs), ("y", Tensor([1] as [Int32]))]).contains("[x] holds 4 samples"))
    #expect(
      message([("x", inputs), ("y", Tensor([0, 1, -1, 0] as [Int32]))]).contains("label -1"))
    #expect(
      message([("x", inputs), ("y", Tensor(.int64, [4, 2]))]).contains("whole numbers"))
    #expect(message([("x", inputs), ("x_test", inputs.reshaped(to: [2, 4]))]).contains("differ"))
    #expect(message([("x", Tensor(.float32, [0, 4]))]).contains("no samples"))
    #expect(message([("x", Tensor(.float32, [4]))]).contains("(N, ...)"))
  }

  @Test func floatsAreTargets() throws {
    let inputs = Tensor((0..<12).map(Float.init), [6, 2])
    let values = Tensor((0..<18).map { Double($0) / 2 }, [6, 3])
    let data = try open([("x", inputs), ("y", values)])
    #expect(data.train.labels == nil && data.train.targetShape == [3])
    #expect(data.classCount == 0)
    let scalars = try open([("x", inputs), ("y", Tensor([0, 1, 2, 3, 4, 5] as [Float]))])
    #expect(scalars.train.targetShape == [])
    #expect(try open([("x", inputs), ("y", values), ("x_test", inputs)]).test?.targetShape == nil)
  }

  @Test func faultsOfTargetsAreNamed() throws {
    let inputs = Tensor((0..<8).map(Float.init), [4, 2])
    func message(_ arrays: [(String, Tensor)]) -> String {
      fault { _ = try open(arrays) }.map { "\($0)" } ?? "no error"
    }
    let targets = Tensor(.float32, [4, 3])
    #expect(message([("x", inputs), ("y", Tensor(.float32, [3, 3]))]).contains("holds 4 samples"))
    #expect(
      message([("x", inputs), ("y", Tensor(scalar: 1 as Float))]).contains("holds 4 samples"))
    #expect(message([("x", inputs), ("y", Tensor(.float32, [4, 0]))]).contains("no samples"))
    #expect(
      message([("x", inputs), ("y", Tensor([1, .nan, 2, .infinity] as [Float]))])
        .contains("2 of the targets are not finite"))
    let labels = Tensor([0, 1, 0, 1] as [Int32])
    let tests: [(String, Tensor)] = [("x_test", inputs), ("y_test", labels)]
    #expect(message([("x", inputs), ("y", targets)] + tests).contains("another part"))
    #expect(
      message([("x", inputs), ("y", labels)] + [("x_test", inputs), ("y_test", targets)])
        .contains("training asks for labels"))
  }

  @Test func valuesThatAreNotFiniteAreReported() throws {
    let data = try open([("x", Tensor([1, .nan, .infinity, 4], [2, 2]))])
    #expect(data.warnings == ["2 input values are not finite numbers"])
  }

  @Test func labelsMustBeOutputs() throws {
    let inputs = Tensor((0..<8).map(Float.init), [4, 2])
    let data = try open([("x", inputs), ("y", Tensor([0, 1, 3, 0] as [Int32]))])
    try data.check(outputCount: 4)
    let error = try #require(fault { try data.check(outputCount: 3) })
    #expect("\(error)".contains("train sample 2 has label 3"))
  }
}
