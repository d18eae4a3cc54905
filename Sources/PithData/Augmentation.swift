import PithTensors

/// Random changes to training images, drawn anew for every image and epoch.
///
/// The draw depends only on the seed, the epoch and the image, so that it is the same whatever the
/// number of threads, the batch size or the point at which a job was resumed.
public struct Augmentation: Sendable, Hashable, Codable {
  /// Mirrors half of the images left to right.
  public var horizontalFlip: Bool
  /// Pads each side with this many black pixels and cuts a random window of the original size.
  public var padding: Int

  public init(horizontalFlip: Bool = false, padding: Int = 0) {
    self.horizontalFlip = horizontalFlip
    self.padding = padding
  }

  public static let none = Augmentation()
  /// Flip, and pad by 4 and crop, as He et al. (2016) train on CIFAR.
  public static let standard = Augmentation(horizontalFlip: true, padding: 4)

  public var isNone: Bool { !horizontalFlip && padding == 0 }

  /// Where and how one image is cut.
  struct Draw: Equatable {
    var flipped = false
    /// Window minus image, in pixels, -padding...padding.
    var down = 0
    var right = 0
  }

  func draw(seed: UInt64, epoch: Int, place: Int) -> Draw {
    if isNone { return Draw() }
    let stream = RandomStream.augmentation | UInt64(truncatingIfNeeded: epoch) & 0xffff_ffff
    let words = Philox.block(counter: (UInt64(place), stream), key: seed)
    let window = UInt32(2 * padding + 1)
    return Draw(
      flipped: horizontalFlip && words.x & 1 == 1,
      down: Int(words.y % window) - padding, right: Int(words.z % window) - padding)
  }
}

/// The upper halves of the streams that this module draws from under a user's seed.
enum RandomStream {
  static let shuffling: UInt64 = 0x4441_5401 << 32
  static let augmentation: UInt64 = 0x4441_5402 << 32
  static let validation: UInt64 = 0x4441_5403 << 32
}
