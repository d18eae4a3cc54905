import PithTensors

/// Writes one sample as a network reads it: cut, mirrored, normalised, in the network's layout.
struct SampleTransform: Sendable {
  let channelCount: Int
  let height: Int
  let width: Int
  private let preprocessing: Preprocessing
  /// For bytes: the result for each of the 256 values, by channel as the network reads them.
  private let table: [Float]  // (C, 256)

  /// `shape` is (C, H, W); of another rank, values all alike.
  init(_ shape: Shape, _ preprocessing: Preprocessing) {
    let isImage = shape.rank == 3
    channelCount = isImage ? shape[0] : 1
    height = isImage ? shape[1] : 1
    width = isImage ? shape[2] : shape.count
    self.preprocessing = preprocessing
    let normalise = { (channel: Int, value: Float) -> Float in
      Self.normalise(value, preprocessing, channel)
    }
    table = (0..<channelCount).flatMap { channel in
      (0..<256).map { normalise(channel, Float($0)) }
    }
  }

  private static func normalise(_ value: Float, _ settings: Preprocessing, _ channel: Int) -> Float
  {
    let mean = settings.mean[settings.mean.count == 1 ? 0 : channel]
    let deviation =
      settings.standardDeviation[settings.standardDeviation.count == 1 ? 0 : channel]
    return (value / settings.divisor - mean) / deviation
  }

  func write(
    _ bytes: UnsafePointer<UInt8>, _ draw: Augmentation.Draw, to output: UnsafeMutablePointer<Float>
  ) {
    table.withUnsafeBufferPointer { table in
      for channel in 0..<channelCount {
        let entries = UnsafeBufferPointer(rebasing: table[channel * 256..<(channel + 1) * 256])
        write(bytes, draw, channel, to: output, padding: entries[0]) { entries[Int($0)] }
      }
    }
  }

  func write(
    _ floats: UnsafePointer<Float>, _ draw: Augmentation.Draw,
    to output: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channelCount {
      let mean = preprocessing.mean[preprocessing.mean.count == 1 ? 0 : channel]
      let deviations = preprocessing.standardDeviation
      let deviation = deviations[deviations.count == 1 ? 0 : channel]
      let divisor = preprocessing.divisor
      write(floats, draw, channel, to: output, padding: (0 - mean) / deviation) {
        ($0 / divisor - mean) / deviation
      }
    }
  }

  /// One channel, row by row: a margin, the part the window shares with the image, a margin.
  @inline(__always)
  private func write<Element>(
    _ input: UnsafePointer<Element>, _ draw: Augmentation.Draw, _ channel: Int,
    to output: UnsafeMutablePointer<Float>, padding: Float, _ value: (Element) -> Float
  ) {
    let source = preprocessing.channels == .bgr ? channelCount - 1 - channel : channel
    let isPlanar = preprocessing.layout == .nchw
    let step = isPlanar ? 1 : channelCount
    let start = isPlanar ? channel * height * width : channel
    let left = min(max(0, -draw.right), width)
    let shared = left..<max(left, min(width, width - draw.right))
    for y in 0..<height {
      let row = output + start + y * width * step
      let from = y + draw.down
      let isInside = from >= 0 && from < height
      let columns = isInside ? shared : 0..<0
      let last = width - 1
      for x in 0..<columns.lowerBound { row[(draw.flipped ? last - x : x) * step] = padding }
      for x in columns.upperBound..<width { row[(draw.flipped ? last - x : x) * step] = padding }
      if columns.isEmpty { continue }
      let pixels = input + (source * height + from) * width + draw.right
      if draw.flipped {
        for x in columns { row[(last - x) * step] = value(pixels[x]) }
      } else if step == 1 {
        for x in columns { row[x] = value(pixels[x]) }
      } else {
        for x in columns { row[x * step] = value(pixels[x]) }
      }
    }
  }
}
