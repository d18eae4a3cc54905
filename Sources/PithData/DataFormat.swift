public import Foundation

/// A way data lie on disk. To add one: a file with its type, and a line in `dataFormats`.
public protocol DataFormat: Sendable {
  /// The word before the colon of `FORMAT:PATH`.
  static var name: String { get }
  /// One line for help texts: what lies at the path.
  static var summary: String { get }
  static func open(_ url: URL, _ options: OpenOptions) throws(DataError) -> Dataset
}

/// The formats `--data` knows, by name.
public let dataFormats: [any (DataFormat & Sendable).Type] = [
  Arrays.self,
  CIFAR10.self,
  CIFAR100.self,
  ImageFolder.self,
  MNIST.self,
]

/// What formats of images need to know before they read.
public struct OpenOptions: Sendable, Hashable {
  /// Its `size`, `fit` and `crop` are what images of different sizes are brought to.
  public var preprocessing: Preprocessing
  /// Number of channels images are decoded to: 1 (grey) or 3 (RGB).
  public var channels: Int
  /// How many unreadable images may be left out; more are an error.
  public var skippableImages: Int
  /// Decoded samples up to this many bytes are kept in memory, others are decoded at each use.
  public var cacheBytes: Int

  public init(
    preprocessing: Preprocessing = .unit, channels: Int = 3, skippableImages: Int = 0,
    cacheBytes: Int = 2 << 30
  ) {
    self.preprocessing = preprocessing
    self.channels = channels
    self.skippableImages = skippableImages
    self.cacheBytes = cacheBytes
  }
}
