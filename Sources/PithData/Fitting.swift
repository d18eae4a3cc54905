import PithTensors

extension Split {
  /// The same samples in the size that `preprocessing` asks for: each is resized when it is read.
  public func fitted(to preprocessing: Preprocessing) throws(DataError) -> Split {
    try preprocessing.check()
    guard let size = preprocessing.size, size != Array(sampleShape.dimensions.dropFirst()) else {
      return self
    }
    guard case .stored(let values) = samples, values.dtype == .uint8, sampleShape.rank == 3 else {
      throw .setting(
        "preprocess size", reason: "samples of \(sampleShape) \(elementType) cannot be resized")
    }
    let fitting = Fitting(size: size, preprocessing)
    return Split(
      .resized(values, fitting), shape: [sampleShape[0], size[0], size[1]], places: places,
      labels: labels, targets: targets)
  }
}

/// How images of any size are brought to one size.
struct Fitting: Sendable, Hashable {
  let height: Int
  let width: Int
  let fit: Preprocessing.Fit
  let crop: Double

  init(size: [Int], _ preprocessing: Preprocessing) {
    height = size[0]
    width = size[1]
    fit = preprocessing.fit
    crop = preprocessing.crop
  }

  /// The size the whole image is scaled to, of which the middle is kept. As torchvision's Resize
  /// and CenterCrop: the side that binds is rounded, the other follows, truncated.
  func scaled(from source: (height: Int, width: Int)) -> (height: Int, width: Int) {
    if fit == .stretch || (source.height == height && source.width == width) {
      return (height, width)
    }
    if height * source.width >= width * source.height {
      let scaled = Int((Double(height) / crop).rounded())
      return (scaled, max(width, scaled * source.width / source.height))
    }
    let scaled = Int((Double(width) / crop).rounded())
    return (max(height, scaled * source.height / source.width), scaled)
  }

  /// Writes the image of `channels` planes, (C, H, W), to `output` in the wanted size.
  func apply(
    _ planes: UnsafePointer<UInt8>, channels: Int, height sourceHeight: Int,
    width sourceWidth: Int, to output: UnsafeMutablePointer<UInt8>
  ) {
    let scaled = scaled(from: (sourceHeight, sourceWidth))
    let columns = Resampling(
      from: sourceWidth, to: scaled.width, keeping: middle(scaled.width, width))
    let rows = Resampling(
      from: sourceHeight, to: scaled.height, keeping: middle(scaled.height, height))
    let used = rows.inputs
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: used.count * width) { strips in
      guard let strip = strips.baseAddress else { return }
      for channel in 0..<channels {
        let plane = planes + channel * sourceHeight * sourceWidth
        for (index, row) in used.enumerated() {
          columns.apply(plane + row * sourceWidth, step: 1, to: strip + index * width, step: 1)
        }
        for column in 0..<width {
          rows.apply(
            strip + column - used.lowerBound * width, step: width,
            to: output + (channel * height * width + column), step: width)
        }
      }
    }
  }

  /// The middle `count` of `total`; halves go to the even side, as Python rounds.
  private func middle(_ total: Int, _ count: Int) -> Range<Int> {
    let start = Int((Double(total - count) / 2).rounded(.toNearestOrEven))
    return start..<start + count
  }
}

/// One line of pixels at another length: a triangle filter widened by the scale, so that shrinking
/// averages. The same arithmetic, in 22-bit fixed point, as Pillow's BILINEAR.
struct Resampling {
  /// For each pixel out: its first pixel in, and where its weights start.
  private var spans: [(first: Int, weight: Int)] = []
  private var weights: [Int32] = []
  private let isIdentity: Bool
  private let kept: Range<Int>

  init(from source: Int, to scaled: Int, keeping kept: Range<Int>) {
    self.kept = kept
    isIdentity = source == scaled
    if isIdentity { return }
    let scale = Double(source) / Double(scaled)
    let support = max(scale, 1)
    for position in kept {
      let centre = (Double(position) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let last = min(source, Int(centre + support + 0.5))
      let values = (first..<last).map { max(0, 1 - abs((Double($0) - centre + 0.5) / support)) }
      let sum = values.reduce(0, +)
      spans.append((first, weights.count))
      weights += values.map { Int32(0.5 + $0 / sum * Double(1 << 22)) }
    }
    spans.append((source, weights.count))
  }

  /// The pixels in that some pixel out reads.
  var inputs: Range<Int> {
    if isIdentity { return kept }
    let last = spans.indices.dropLast().map { spans[$0].first + count($0) }.max() ?? 0
    return (spans.first?.first ?? 0)..<last
  }

  private func count(_ index: Int) -> Int { spans[index + 1].weight - spans[index].weight }

  func apply(
    _ input: UnsafePointer<UInt8>, step: Int, to output: UnsafeMutablePointer<UInt8>,
    step outputStep: Int
  ) {
    if isIdentity {
      for (index, position) in kept.enumerated() {
        output[index * outputStep] = input[position * step]
      }
      return
    }
    weights.withUnsafeBufferPointer { weights in
      for index in 0..<kept.count {
        let span = spans[index]
        var sum: Int32 = 1 << 21
        for tap in 0..<count(index) {
          sum &+= Int32(input[(span.first + tap) * step]) &* weights[span.weight + tap]
        }
        output[index * outputStep] = UInt8(clamping: sum >> 22)
      }
    }
  }
}
