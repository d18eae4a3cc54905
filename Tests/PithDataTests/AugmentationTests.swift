import PithData
import PithTensors
import Testing

@Suite struct AugmentationTests {
  private let height = 5
  private let width = 4

  /// One image whose pixels are 1, 2, 3 ... so that black is only padding.
  private func image() throws -> Split {
    try Split(Tensor((1...20).map(UInt8.init), [1, 1, 5, 4]), labels: [0])
  }

  /// Window (down, right) of the image padded with zeros, mirrored or not: written out by hand.
  private func window(down: Int, right: Int, isFlipped: Bool) -> [Float] {
    (0..<height).flatMap { y in
      (0..<width).map { x in
        let column = (isFlipped ? width - 1 - x : x) + right
        let isInside = (0..<height).contains(y + down) && (0..<width).contains(column)
        return isInside ? Float((y + down) * width + column + 1) : 0
      }
    }
  }

  private func draws(_ augmentation: Augmentation, count: Int) throws -> [[Float]] {
    let loader = try Loader(
      try image(), batch: 1, preprocessing: .raw, augmentation: augmentation, seed: 11)
    var images: [[Float]] = []
    for epoch in 0..<count { try loader.epoch(epoch) { images.append(Array($0.images)) } }
    return images
  }

  @Test func everyWindowComesUpAboutEquallyOften() throws {
    var counts: [[Float]: Int] = [:]
    for image in try draws(Augmentation(horizontalFlip: true, padding: 1), count: 3600) {
      counts[image, default: 0] += 1
    }
    var windows: Set<[Float]> = []
    for down in -1...1 {
      for right in -1...1 {
        for isFlipped in [false, true] {
          windows.insert(window(down: down, right: right, isFlipped: isFlipped))
        }
      }
    }
    #expect(Set(counts.keys) == windows)
    // 200 each on average; five standard deviations.
    #expect(counts.values.allSatisfy { abs($0 - 200) < 70 } == true)
  }

  @Test func noneChangesNothing() throws {
    let plain = window(down: 0, right: 0, isFlipped: false)
    #expect(try draws(.none, count: 3) == [plain, plain, plain])
  }

  @Test func paddingIsBlackBeforeNormalisation() throws {
    let loader = try Loader(
      try image(), batch: 1, preprocessing: Preprocessing(divisor: 1, mean: [3]),
      augmentation: Augmentation(padding: 5), seed: 1)
    var values: Set<Float> = []
    for epoch in 0..<20 { try loader.epoch(epoch) { values.formUnion($0.images) } }
    #expect(values.min() == -3)
    #expect(values.isSubset(of: Set((0...20).map { Float($0) - 3 })))
  }

  @Test func floatsAreCutAsBytesAre() throws {
    let augmentation = Augmentation(horizontalFlip: true, padding: 2)
    let floats = try Split(Tensor((1...20).map(Float.init), [1, 1, 5, 4]), labels: [0])
    let loader = try Loader(
      floats, batch: 1, preprocessing: .raw, augmentation: augmentation, seed: 11)
    var images: [[Float]] = []
    for epoch in 0..<50 { try loader.epoch(epoch) { images.append(Array($0.images)) } }
    #expect(try draws(augmentation, count: 50) == images)
  }
}
