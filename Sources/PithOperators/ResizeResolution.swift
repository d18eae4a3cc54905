import PithGraph
import PithKernels
import PithTensors

/// The extent of one axis of a resized value, and how many of its places fit into one of the data.
struct ResizeTarget {
  var extent: Dimension
  var scale: Float

  static func same(_ extent: Dimension) -> ResizeTarget { ResizeTarget(extent: extent, scale: 1) }
}

extension Resize {
  /// The resolution of every axis, from the scales or sizes given.
  func resolution(_ inputs: [Fact?]) throws(ShapeError) -> [ResizeTarget] {
    let data = try inputs.required(0)
    let axes = try normalize(axes: self.axes ?? Array(0..<data.rank), rank: data.rank)
    var targets = data.dimensions.map(ResizeTarget.same)
    if let sizes = inputs.optional(3), sizes.dimensions != [0] {
      guard let wanted = sizes.shapeElements else { throw .notConstant(input: 3, "the sizes") }
      guard wanted.count == axes.count else {
        throw .mismatch("\(wanted.count) sizes for \(axes.count) axes")
      }
      let ratio = try commonRatio(data, wanted, axes)
      for (axis, size) in zip(axes, wanted) {
        targets[axis] = try target(data.dimensions[axis], size: size, ratio: ratio)
      }
      return targets
    }
    let fact = try inputs.required(2)
    guard let scales = fact.constant, scales.dtype == .float32 else {
      throw .notConstant(input: 2, "the scales")
    }
    guard scales.count == axes.count else {
      throw .mismatch("\(scales.count) scales for \(axes.count) axes")
    }
    for (axis, scale) in zip(axes, scales.floats) {
      targets[axis] = try target(data.dimensions[axis], scale: scale)
    }
    return targets
  }

  private func target(_ extent: Dimension, scale: Float) throws(ShapeError) -> ResizeTarget {
    guard scale > 0, scale.isFinite else { throw .invalid("a scale of \(scale)") }
    guard let size = extent.size else {
      return ResizeTarget(extent: scale == 1 ? extent : .unknown, scale: scale)
    }
    let scaled = (Float(size) * scale).rounded(.down)
    guard scaled < 0x1p31 else { throw .invalid("a scale of \(scale)") }
    return ResizeTarget(extent: .fixed(Int(scaled)), scale: scale)
  }

  private func target(_ extent: Dimension, size: Dimension, ratio: Float?) throws(ShapeError)
    -> ResizeTarget
  {
    if extent == size, extent != .unknown, ratio == nil { return .same(extent) }
    guard case .fixed(let wanted) = size else { return ResizeTarget(extent: .unknown, scale: 1) }
    guard wanted >= 0, wanted < Int(Int32.max) else { throw .invalid("a size of \(wanted)") }
    guard case .fixed(let have) = extent else {
      return ResizeTarget(extent: aspectRatio == .stretch ? size : .unknown, scale: 1)
    }
    guard have > 0 else { throw .invalid("an empty axis cannot be resized") }
    guard let ratio else { return ResizeTarget(extent: size, scale: Float(wanted) / Float(have)) }
    let scaled = (Float(have) * ratio + 0.5).rounded(.down)
    guard scaled < 0x1p31 else { throw .invalid("a size of \(wanted)") }
    return ResizeTarget(extent: .fixed(Int(scaled)), scale: ratio)
  }

  /// Where the region that is resized begins and ends on each axis, as shares of its extent.
  func regions(_ inputs: [Fact?]) throws(ShapeError) -> [ClosedRegion] {
    let rank = try inputs.required(0).rank
    var regions = [ClosedRegion](repeating: ClosedRegion(start: 0, end: 1), count: rank)
    guard coordinates == .cropAndResize else { return regions }
    let axes = try normalize(axes: self.axes ?? Array(0..<rank), rank: rank)
    let fact = try inputs.required(1)
    guard let numbers = fact.constant?.floats else {
      throw .notConstant(input: 1, "the region")
    }
    guard numbers.count == 2 * axes.count, numbers.allSatisfy({ $0.magnitude < 0x1p20 }) else {
      throw .mismatch("a region of \(numbers.count) numbers for \(axes.count) axes")
    }
    for (index, axis) in axes.enumerated() {
      regions[axis] = ClosedRegion(start: numbers[index], end: numbers[axes.count + index])
    }
    return regions
  }

  /// The scale that all axes share where the proportions are kept.
  private func commonRatio(_ data: Fact, _ sizes: [Dimension], _ axes: [Int]) throws(ShapeError)
    -> Float?
  {
    guard aspectRatio != .stretch else { return nil }
    var ratios: [Float] = []
    for (axis, size) in zip(axes, sizes) {
      guard let wanted = size.size, let have = data.dimensions[axis].size, have > 0 else {
        return nil
      }
      ratios.append(Float(wanted) / Float(have))
    }
    return aspectRatio == .notLarger ? ratios.min() : ratios.max()
  }
}

/// A part of an axis, as shares of its extent.
struct ClosedRegion {
  var start: Float
  var end: Float
}

/// The sampling of one axis of a resized value. Coordinates are computed in float32 and in the
/// order that ONNX Runtime has, so that ties fall the same way.
struct Resampling {
  var resize: Resize
  var from: Int
  var to: Int
  var scale: Float
  var region = ClosedRegion(start: 0, end: 1)

  /// Where a place of the result lies in the data.
  private func coordinate(_ place: Int) -> Float {
    let x = Float(place)
    if resize.coordinates == .cropAndResize {
      let (last, width) = (Float(from - 1), region.end - region.start)
      if to == 1 { return (region.start + region.end) / 2 * last }
      return region.start * last + x * width * last / Float(to - 1)
    }
    if scale == 1, from == to { return x }
    switch resize.coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .halfPixelSymmetric:
      let adjustment = Float(to) / (scale * Float(from))
      let center = Float(from) / 2
      return center * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return to > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .alignCorners: return to == 1 ? 0 : x * Float(from - 1) / Float(to - 1)
    case .asymmetric, .cropAndResize: return x / scale
    }
  }

  /// For each place of the result whether it lies outside of the data that a region is taken from.
  var isOutside: [Bool] {
    guard resize.coordinates == .cropAndResize else {
      return [Bool](repeating: false, count: to)
    }
    return (0..<to).map { place in
      let x = coordinate(place)
      return x < 0 || x > Float(from - 1)
    }
  }

  /// For each place of the result the element that is nearest; -1 where there is none.
  var nearest: [Int] {
    let isOutside = isOutside
    return (0..<to).map { place in
      if isOutside[place] { return -1 }
      let x = coordinate(place)
      let rounded =
        switch resize.rounding {
        case .preferFloor: (x - 0.5).rounded(.up)
        case .preferCeil: (x + 0.5).rounded(.down)
        case .floor: x.rounded(.down)
        case .ceil: x.rounded(.up)
        }
      return min(Int(min(max(rounded, 0), Float(from))), from - 1)
    }
  }

  /// Whether every element is repeated equally often, as the rounding of centres gives it too.
  var repeatsWhole: Bool {
    guard from > 0, to.isMultiple(of: from) else { return false }
    let times = to / from
    return nearest.enumerated().allSatisfy { $0.offset / times == $0.element }
  }

  /// Whether coordinates are those of the elements' centres.
  var isAboutCenters: Bool {
    if from == to, scale == 1 { return true }
    guard Float(to) == scale * Float(from) else { return false }
    switch resize.coordinates {
    case .halfPixel, .halfPixelSymmetric: return true
    case .pytorchHalfPixel: return to > 1
    case .alignCorners, .asymmetric, .cropAndResize: return false
    }
  }

  var sampling: AxisSampling {
    if resize.mode == .nearest { return .map(nearest, sourceExtent: from) }
    if resize.antialiases, scale < 1 { return widened }
    let whole = resize.mode == .linear ? linear : cubic
    return isOutside.contains(true) ? whole.clearing(isOutside) : whole
  }

  /// Taps of a shrunken axis, as far apart as the elements that one place of the result stands for.
  private var widened: AxisSampling {
    let reach = (resize.mode == .linear ? 1 : 2) / scale
    var result = AxisSampling(sourceExtent: from)
    for place in 0..<to {
      let x = coordinate(place)
      let first = Int((x - reach).rounded(.down)) + 1
      let last = Int((x + reach).rounded(.up)) - 1
      var terms: [(place: Int, weight: Float)] = []
      for tap in first...max(first, last) {
        let isInside = tap >= 0 && tap < from
        if resize.excludesOutside, !isInside { continue }
        let weight = kernel(scale * (Float(tap) - x))
        if weight != 0 { terms.append((min(max(tap, 0), from - 1), weight)) }
      }
      let sum = terms.reduce(0) { $0 + $1.weight }
      result.append(terms.map { ($0.place, $0.weight / sum) })
    }
    return result
  }

  /// How much an element counts at a distance, in places of the result.
  private func kernel(_ distance: Float) -> Float {
    let (a, d) = (resize.cubicCoefficient, distance.magnitude)
    if resize.mode == .linear { return max(0, 1 - d) }
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
  }

  private var linear: AxisSampling {
    var result = AxisSampling(sourceExtent: from)
    for place in 0..<to {
      let x = min(max(coordinate(place), 0), Float(from - 1))
      let low = min(Int(x), from - 1)
      let high = min(low + 1, from - 1)
      let fraction = x - Float(low)
      if fraction == 0 || high == low {
        result.append([(low, Float(1))])
      } else {
        result.append([(low, 1 - fraction), (high, fraction)])
      }
    }
    return result
  }

  /// Keys' convolution over four taps.
  private var cubic: AxisSampling {
    let a = resize.cubicCoefficient
    var result = AxisSampling(sourceExtent: from)
    for place in 0..<to {
      let x = coordinate(place)
      let low = Int(x.rounded(.down))
      let s = x - Float(low)
      var weights = [
        ((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a,
        ((a + 2) * s - (a + 3)) * s * s + 1,
        ((a + 2) * (1 - s) - (a + 3)) * (1 - s) * (1 - s) + 1,
        ((a * (2 - s) - 5 * a) * (2 - s) + 8 * a) * (2 - s) - 4 * a,
      ]
      if resize.excludesOutside {
        for tap in 0..<4 where low - 1 + tap < 0 || low - 1 + tap >= from { weights[tap] = 0 }
        let sum = weights.reduce(0, +)
        weights = weights.map { $0 / sum }
      }
      result.append(
        (0..<4).map { (min(max(low - 1 + $0, 0), from - 1), weights[$0]) })
    }
    return result
  }
}
