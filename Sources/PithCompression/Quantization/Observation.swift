import CPithKernels
import PithKernels
import PithTensors

/// What has been seen of one value of a network in the batches it has run on.
///
/// Extremes, sums and distribution come from two looks at a batch that has just been made: bins are
/// widened as the extremes grow.
///
/// Unchecked because it is changed by the network that it watches, while that runs.
final class Observation: @unchecked Sendable {
  /// How many samples of the next batch count; those behind them only fill it up.
  var samples = 0
  private let channels: Int
  /// Elements of a sample, or all where the value has no samples.
  private let elements: Int
  private let isBySample: Bool
  private let hasChannels: Bool
  private var seen: pith_observation
  private var seenSamples = 0
  private let sums: UnsafeMutableBufferPointer<Double>
  private let counts: UnsafeMutableBufferPointer<UInt64>
  private let extremes: UnsafeMutableBufferPointer<Float>
  private static let bins = Int(PITH_OBSERVED_BINS)
  /// Elements that tell how a value is distributed: of a larger one, some at equal distances.
  private static let countedElements = 1 << 20

  /// - Parameters:
  ///   - shape: of the value for one sample, (1, channels, ...).
  ///   - isBySample: whether a batch holds as much for each sample; else it is looked at whole.
  ///   - samples: how many there will be.
  init(_ shape: Shape, isBySample: Bool, samples: Int) {
    self.isBySample = isBySample
    elements = shape.count
    hasChannels = isBySample && shape.rank > 1 && shape.count > 0
    channels = hasChannels ? shape[1] : 1
    let parts = Int(pith_threads())
    sums = .allocate(capacity: channels)
    counts = .allocate(capacity: parts * Self.bins)
    extremes = .allocate(capacity: parts * 2)
    sums.initialize(repeating: 0)
    counts.initialize(repeating: 0)
    extremes.initialize(repeating: 0)
    seen = pith_observation()
    seen.channels = channels
    seen.step = Self.step(elements, samples: samples)
    seen.parts = parts
    seen.sums = sums.baseAddress
    seen.counts = counts.baseAddress
    seen.extremes = extremes.baseAddress
  }

  deinit {
    sums.deallocate()
    counts.deallocate()
    extremes.deallocate()
  }

  /// The distance between elements that are counted: it shares no factor with the elements of a
  /// sample, so that all places have their turn.
  private static func step(_ elements: Int, samples: Int) -> Int {
    let (total, isMore) = elements.multipliedReportingOverflow(by: samples)
    var step = isMore ? samples : max(1, total / countedElements)
    while greatestCommonDivisor(step, elements) > 1 { step += 1 }
    return step
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// Whether a value that lies so can be looked at as it is: row-major, or with its channels in
  /// blocks that `add` knows.
  func canRead(_ layout: Layout) -> Bool {
    layout.isPlain || hasChannels && layout.channelBlock != nil
  }

  /// Adds a batch of the value, which lies as `layout` says.
  func add(_ x: UnsafePointer<Float>, _ layout: Layout) {
    let lanes = layout.channelBlock ?? 1
    var batch = pith_observed_batch()
    batch.x = x
    batch.samples = isBySample ? samples : min(samples, 1)
    batch.groups = (channels + lanes - 1) / lanes
    batch.places = elements / channels
    batch.lanes = lanes
    pith_observe(&seen, &batch)
    seenSamples += batch.samples
  }

  /// The mean of each channel; nil where the value has none, or nothing was seen.
  var means: [Double]? {
    guard hasChannels, seenSamples > 0 else { return nil }
    let count = Double(seenSamples * (elements / channels))
    return sums.map { $0 / count }
  }

  /// How the elements are distributed between their extremes.
  var histogram: Histogram {
    var histogram = Histogram(low: seen.low, high: seen.high)
    for bin in 0..<Self.bins {
      let count = stride(from: bin, to: counts.count, by: Self.bins).reduce(0) { $0 + counts[$1] }
      guard count > 0 else { continue }
      let place = Float(Int(seen.first) + bin)
      histogram.add(Double(count), from: place * seen.width, to: (place + 1) * seen.width)
    }
    return histogram
  }
}
