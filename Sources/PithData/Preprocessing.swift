/// How stored pixels become what a network reads: a size, then
/// `(x / divisor - mean[c]) / std[c]` in the network's channel order and layout.
///
/// Stored with every result, in the words of recipes:
/// `{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], size: [224, 224]}`.
public struct Preprocessing: Sendable, Hashable {
  /// Order of the channels the network reads; data are stored as RGB.
  public enum Channels: String, Sendable, Hashable, Codable, CaseIterable { case rgb, bgr }

  /// Order of the axes of a batch: (N, C, H, W) or (N, H, W, C).
  public enum Layout: String, Sendable, Hashable, Codable, CaseIterable { case nchw, nhwc }

  /// How an image is brought to `size`: the middle cut out, or both sides stretched.
  public enum Fit: String, Sendable, Hashable, Codable, CaseIterable { case crop, stretch }

  /// Stored values are divided by this first; 255 brings bytes to 0...1.
  public var divisor: Float
  /// Subtracted from the divided values; one for all channels or one per channel, in the order the
  /// network reads them.
  public var mean: [Float]
  /// What the differences are divided by; one for all channels or one per channel.
  public var standardDeviation: [Float]
  /// (height, width) the network reads; nil keeps the data's own.
  public var size: [Int]?
  public var fit: Fit
  /// With `fit` crop, the part of the shorter side that is kept: the shorter side is brought to
  /// size / crop first. 0.875 for most ImageNet networks (256 to 224). Images that already have
  /// `size` are left alone.
  public var crop: Double
  public var channels: Channels
  public var layout: Layout

  public init(
    divisor: Float = 255, mean: [Float] = [0], standardDeviation: [Float] = [1],
    size: [Int]? = nil, fit: Fit = .crop, crop: Double = 1, channels: Channels = .rgb,
    layout: Layout = .nchw
  ) {
    self.divisor = divisor
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.size = size
    self.fit = fit
    self.crop = crop
    self.channels = channels
    self.layout = layout
  }

  /// The same with the (height, width) of a network, where none was asked for.
  public func sized(_ height: Int, _ width: Int) -> Preprocessing {
    var result = self
    if size == nil { result.size = [height, width] }
    return result
  }

  /// Throws when a value cannot be used with samples of `channelCount` channels (nil: any number).
  public func check(channelCount: Int? = nil) throws(DataError) {
    func refuse(_ word: String, _ reason: String) throws(DataError) -> Never {
      throw .setting("preprocess \(word)", reason: reason)
    }
    guard divisor.isFinite, divisor != 0 else { try refuse("divisor", "must not be \(divisor)") }
    for (word, values) in [("mean", mean), ("std", standardDeviation)] {
      guard values.allSatisfy(\.isFinite), !values.isEmpty else {
        try refuse(word, "must be a list of numbers")
      }
      if let channelCount, values.count != 1, values.count != channelCount {
        try refuse(word, "\(values.count) numbers, but the data have \(channelCount) channels")
      }
    }
    guard !standardDeviation.contains(0) else { try refuse("std", "must not hold 0") }
    guard (0.1...1).contains(crop) else { try refuse("crop", "\(crop) is outside 0.1 to 1") }
    if let size, size.count != 2 || !size.allSatisfy((1...16_384).contains) {
      try refuse("size", "must be a height and a width of 1 to 16384")
    }
    if let channelCount, channels == .bgr, channelCount != 3 {
      try refuse("channels", "bgr needs 3 channels, but the data have \(channelCount)")
    }
  }
}

extension Preprocessing {
  /// x / 255.
  public static let unit = Preprocessing()
  /// Values as they are stored.
  public static let raw = Preprocessing(divisor: 1)
  /// Mean and deviation of ImageNet's channels, as PyTorch's networks expect.
  public static let imagenet = Preprocessing(
    mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225], crop: 0.875)
  /// Mean and deviation of CIFAR-10's channels.
  public static let cifar10 = Preprocessing(
    mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.2470, 0.2435, 0.2616])
  /// x / 127.5 - 1, as TensorFlow's MobileNets expect.
  public static let tensorflow = Preprocessing(divisor: 127.5, mean: [1], crop: 0.875)
  /// (x - 127) / 128, as the EfficientNet-Lite family expects.
  public static let lite = Preprocessing(
    divisor: 1, mean: [127], standardDeviation: [128], crop: 0.875)
  /// BGR minus (104, 117, 123), as Caffe's networks expect.
  public static let caffe = Preprocessing(
    divisor: 1, mean: [104, 117, 123], crop: 0.875, channels: .bgr)

  /// The named settings, by name.
  public static let presets: [(name: String, summary: String, value: Preprocessing)] = [
    ("caffe", "BGR minus (104, 117, 123)", caffe),
    ("cifar10", "x / 255, mean and deviation of CIFAR-10", cifar10),
    ("imagenet", "x / 255, mean and deviation of ImageNet", imagenet),
    ("lite", "(x - 127) / 128", lite),
    ("raw", "values as stored", raw),
    ("tensorflow", "x / 127.5 - 1", tensorflow),
    ("unit", "x / 255", unit),
  ]

  /// The preset of that name; an unknown name is refused with the nearest known one.
  public init(preset name: String) throws(DataError) {
    guard let preset = Self.presets.first(where: { $0.name == name }) else {
      let names = Self.presets.map(\.name)
      let hint = nearest(name, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .setting(
        "preprocess",
        reason: "no preset '\(name)' (there are \(names.joined(separator: ", ")))\(hint)")
    }
    self = preset.value
  }
}

extension Preprocessing: CustomStringConvertible {
  /// The preset's name where it is one, else the formula and what differs from the defaults.
  public var description: String {
    if let preset = Self.presets.first(where: { $0.value == self }) { return preset.name }
    func list(_ values: [Float]) -> String {
      values.count == 1 ? "\(values[0])" : "(\(values.map { "\($0)" }.joined(separator: ", ")))"
    }
    var text = divisor == 1 ? "x" : "x / \(divisor)"
    if mean.contains(where: { $0 != 0 }) { text += " - \(list(mean))" }
    if standardDeviation.contains(where: { $0 != 1 }) {
      text = text == "x" ? text : "(\(text))"
      text += " / \(list(standardDeviation))"
    }
    if let size {
      text += ", size \(size.map(String.init).joined(separator: "x")) by \(fit)"
      if fit == .crop && crop != 1 { text += " of \(crop)" }
    }
    if channels != .rgb { text += ", \(channels)" }
    if layout != .nchw { text += ", \(layout)" }
    return text
  }
}
