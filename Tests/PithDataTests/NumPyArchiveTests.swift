import Foundation
import PithData
import PithTensors
import Testing

/// Files made by NumPy: Scripts/golden/data.py.
@Suite struct NumPyArchiveTests {
  private let ordinals = Array(0..<24)

  @Test(arguments: ["stored.npz", "deflated.npz"]) func readsEveryType(_ name: String) throws {
    let archive = try NumPyArchive(contentsOf: try fixture(name))
    for dtype in [
      DType.float32, .float16, .float64, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64,
      .uint64,
    ] {
      let array = try #require(archive[dtype.rawValue])
      #expect(array.dtype == dtype)
      #expect(array.shape == [2, 3, 4])
      #expect(array.integers == ordinals)
    }
    #expect(archive["bool"]?.integers == ordinals.map { $0 % 2 })
    #expect(archive["big"]?.integers == ordinals)
    #expect(archive["columns"]?.integers == ordinals)
    #expect(archive["columns"]?.shape == [2, 3, 4])
    #expect(archive["scalar"]?.floats == [2.5])
    #expect(archive["scalar"]?.shape == [])
    #expect(archive["empty"]?.shape == [0, 3])
    #expect(archive.names.count == 16)
  }

  @Test func readsEveryVersion() throws {
    let archive = try NumPyArchive(contentsOf: try fixture("versions.npz"))
    #expect(archive.names == ["v1", "v2", "v3"])
    for name in archive.names { #expect(archive[name]?.integers == ordinals) }
    #expect(
      try NumPyArchive(contentsOf: try fixture("single.npy"))["array"]?.integers == ordinals)
  }

  @Test func writesWhatItReads() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("out.npz")
    let archive = try NumPyArchive(contentsOf: try fixture("stored.npz"))
    try archive.write(to: url)
    let copy = try NumPyArchive(contentsOf: url)
    #expect(copy.names == archive.names)
    for name in archive.names { #expect(copy[name] == archive[name]) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.npz"])
  }

  @Test func entriesAreTheBytesOfNumPy() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("out.npz")
    for name in ["single.npy", "vector.npy"] {
      let archive = try NumPyArchive(contentsOf: try fixture(name))
      try archive.write(to: url)
      let written = try Data(contentsOf: url)
      #expect(written.range(of: Data(try fixtureBytes(name))) != nil)
    }
  }

  @Test func typesNumPyLacksAreWidened() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("out.npz")
    var archive = NumPyArchive()
    try archive.add(Tensor([1.5] as [Float]).converted(to: .bfloat16), named: "brain")
    try archive.add(Tensor(packing: [-3, 2], .int4, [2]), named: "four")
    try archive.write(to: url)
    let copy = try NumPyArchive(contentsOf: url)
    #expect(copy["brain"] == Tensor([1.5] as [Float]))
    #expect(copy["four"] == Tensor([-3, 2] as [Int8]))
    try archive.add(Tensor(strings: [[65]], [1]), named: "text")
    #expect(fault { try archive.write(to: url) } != nil)
    #expect(try NumPyArchive(contentsOf: url)["four"] != nil)
  }

  @Test func namesAreChecked() throws {
    var archive = NumPyArchive()
    try archive.add(Tensor(scalar: Float(1)), named: "a")
    #expect(fault { try archive.add(Tensor(scalar: Float(1)), named: "a") } != nil)
    #expect(fault { try archive.add(Tensor(scalar: Float(1)), named: "") } != nil)
    let nowhere = URL(fileURLWithPath: "/nonexistent/folder/out.npz")
    guard case .unwritable? = fault({ try archive.write(to: nowhere) }) else {
      Issue.record("an archive was written nowhere")
      return
    }
  }

  @Test func textIsRefused() throws {
    let error = try #require(
      fault { _ = try NumPyArchive(contentsOf: try fixture("text.npz")) })
    #expect("\(error)".contains("<U1"))
  }

  @Test func everyTruncationIsRefused() throws {
    let folder = try TemporaryFolder()
    for name in ["versions.npz", "vector.npy"] {
      let whole = try fixtureBytes(name)
      for length in 0..<whole.count {
        let url = try folder.write("cut", Array(whole[..<length]))
        #expect(fault { _ = try NumPyArchive(contentsOf: url) } != nil, "\(name) to \(length)")
      }
    }
  }

  @Test func mutationsNeverTrap() throws {
    let folder = try TemporaryFolder()
    var generator = Philox(seed: 5)
    for name in ["stored.npz", "deflated.npz", "versions.npz", "vector.npy"] {
      let whole = try fixtureBytes(name)
      for _ in 0..<250 {
        var bytes = whole
        // The directory at the end holds most of the structure.
        let start = generator.next() % 2 == 0 ? 0 : UInt64(bytes.count * 2 / 3)
        for _ in 0...Int(generator.next() % 4) {
          let place = start + generator.next() % (UInt64(bytes.count) - start)
          bytes[Int(place)] = UInt8(truncatingIfNeeded: generator.next())
        }
        let url = try folder.write("mutated", bytes)
        _ = fault { _ = try NumPyArchive(contentsOf: url) }
      }
    }
  }
}
