import CPithKernels

/// What has been seen of the values of a network in the batches it has run on.
///
/// One pass finds the extremes and the distribution: bins are made wider as the extremes grow.
final class Observations {
  /// One value: its elements for one sample, and how they are divided.
  struct Watched {
    /// Extents of the channel axis, and elements of one channel of one sample.
    let channels: Int
    let inner: Int
    /// Every how manieth element is counted.
    let step: Int
  }

  private let watched: [Watched]
  private let seen: UnsafeMutableBufferPointer<pith_observation>
  private let sums: UnsafeMutableBufferPointer<Double>
  private let counts: UnsafeMutableBufferPointer<UInt64>
  private static let bins = Int(PITH_OBSERVED_BINS)

  init(_ watched: [Watched]) {
    self.watched = watched
    seen = .allocate(capacity: watched.count)
    sums = .allocate(capacity: watched.reduce(0) { $0 + $1.channels })
    counts = .allocate(capacity: watched.count * Self.bins)
    seen.initialize(repeating: pith_observation())
    sums.initialize(repeating: 0)
    counts.initialize(repeating: 0)
    var first = 0
    for (index, value) in watched.enumerated() {
      seen[index].channels = value.channels
      seen[index].inner = value.inner
      seen[index].step = value.step
      seen[index].sums = sums.baseAddress.map { $0 + first }
      seen[index].counts = counts.baseAddress.map { $0 + index * Self.bins }
      first += value.channels
    }
  }

  deinit {
    seen.deallocate()
    sums.deallocate()
    counts.deallocate()
  }

  /// Adds the elements that each value has in a batch, in order; they are a whole number of rows of
  /// `inner`.
  func add(_ elements: (Int) -> UnsafeBufferPointer<Float>) {
    for index in watched.indices {
      let elements = elements(index)
      seen[index].x = elements.baseAddress
      seen[index].rows = elements.count / watched[index].inner
    }
    pith_observe(seen.baseAddress, watched.count)
  }

  /// The sum of each channel of a value.
  func sums(of index: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: seen[index].sums, count: watched[index].channels)
  }

  /// How the elements of a value are distributed between their extremes.
  func histogram(of index: Int) -> Histogram {
    let value = seen[index]
    var histogram = Histogram(low: value.low, high: value.high)
    for bin in 0..<Self.bins where value.counts[bin] > 0 {
      let place = Float(Int(value.first) + bin)
      histogram.add(
        Double(value.counts[bin]), from: place * value.width, to: (place + 1) * value.width)
    }
    return histogram
  }
}
