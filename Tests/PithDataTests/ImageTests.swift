import Foundation
import PithData
import PithTensors
import Testing

/// Against Pillow: Scripts/golden/data.py.
@Suite struct ImageTests {
  private func open(_ name: String, _ options: OpenOptions = OpenOptions()) throws -> Tensor {
    let folder = try TemporaryFolder()
    try folder.copy(name, to: "only/\(name)")
    return try folder.open("images", "", options).train.sample(at: 0)
  }

  /// (H, W, 3) bytes of a fixture as (3, H, W).
  private func planes(_ name: String) throws -> [Int] {
    let bytes = try fixtureBytes(name)
    let count = bytes.count / 3
    return (0..<bytes.count).map { Int(bytes[$0 % count * 3 + $0 / count]) }
  }

  @Test(arguments: [
    "rgb8.png", "grey8.png", "grey1.png", "rgba8.png", "palette.png", "palette_transparent.png",
    "rgb16.png", "rgb420.jpg", "rgb444_progressive.jpg", "grey.jpg",
  ]) func decodesAsPillowDoes(_ name: String) throws {
    let image = try open(name)
    #expect(image.shape == [3, 13, 17])
    #expect(try image.integers.elementsEqual(planes("\(name).rgb")))
  }

  @Test func greyIsTheLumaOfColours() throws {
    let image = try open("grey8.png", OpenOptions(channels: 1))
    #expect(image.shape == [1, 13, 17])
    #expect(try image.integers == Array(planes("grey8.png.rgb")[..<221]))
  }

  @Test(
    arguments: [
      ("crop", [24, 24], 0.875), ("crop", [20, 31], 1), ("crop", [64, 64], 1),
      ("crop", [53, 37], 0.875), ("stretch", [16, 40], 1), ("stretch", [53, 11], 1),
    ] as [(String, [Int], Double)])
  func resizesAsPillowAndTorchvisionDo(_ fit: String, _ size: [Int], _ crop: Double) throws {
    let settings = Preprocessing(
      size: size, fit: try #require(Preprocessing.Fit(rawValue: fit)), crop: crop)
    let expected = try planes("resized_\(fit)_\(size[0])x\(size[1])_\(crop).rgb")
    let image = try open("portrait.png", OpenOptions(preprocessing: settings))
    #expect(image.shape == Shape([3] + size))
    #expect(image.integers.elementsEqual(expected))
    // In memory, at the time of loading, and from files kept on disk.
    let uncached = OpenOptions(preprocessing: settings, cacheBytes: 0)
    #expect(try open("portrait.png", uncached).integers.elementsEqual(expected))
    let stored = try open("portrait.png")
    let split = try Split(stored.reshaped(to: [1, 3, 53, 37]), labels: nil)
    #expect(try split.fitted(to: settings).sample(at: 0).integers.elementsEqual(expected))
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let cmyk = try #require(fault { _ = try open("cmyk.jpg") })
    #expect("\(cmyk)".contains("cmyk.jpg: CMYK"))
    let huge = try #require(fault { _ = try open("huge.png") })
    #expect("\(huge)".contains("65000 x 65000"))
  }

  @Test(arguments: ["rgb8.png", "palette.png", "rgb420.jpg", "rgb444_progressive.jpg"])
  func truncationsAreRefused(_ name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try fixtureBytes(name)
    // The last four bytes of a PNG are the checksum of an empty chunk.
    for length in 0..<whole.count - 4 {
      try folder.write("only/\(name)", Array(whole[..<length]))
      let error = try #require(fault { _ = try folder.open("images") }, "length \(length)")
      #expect("\(error)".contains(name))
    }
  }

  @Test(arguments: ["rgb8.png", "palette_transparent.png", "rgb420.jpg", "rgb444_progressive.jpg"])
  func mutationsNeverTrap(_ name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try fixtureBytes(name)
    var generator = Philox(seed: 4)
    for _ in 0..<125 {
      var bytes = whole
      for _ in 0...Int(generator.next() % 4) {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(
          truncatingIfNeeded: generator.next())
      }
      try folder.write("only/\(name)", bytes)
      _ = fault { _ = try folder.open("images") }
    }
  }
}
