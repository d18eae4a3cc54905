/// The few values of a layer and which of them each weight takes.
public struct Codebook: Sendable, Hashable {
  /// Ascending, but for a zero that stands first when the layer was pruned.
  public let values: [Float]
  public let indices: [UInt8]

  /// - Parameters:
  ///   - clusters: at most 256; a pinned zero is one of them.
  ///   - pinsZero: whether zero keeps a value of its own when a hundredth or more of the weights is
  ///     zero, so that pruned weights stay pruned.
  public init(
    _ weights: [Float], _ clusters: Int, _ initialization: KMeans.Initialization, seed: UInt64 = 1,
    pinsZero: Bool = true
  ) {
    let nonzero = weights.filter { $0 != 0 }
    let zeros = weights.count - nonzero.count
    let pinned = pinsZero && zeros > 0 && zeros * 100 >= weights.count
    let first = pinned ? 1 : 0
    let means = KMeans(
      pinned ? nonzero : weights, clusters: clusters - first, initialization: initialization,
      seed: seed)
    let places = means.assignments(of: weights)
    values = (pinned ? [0] : []) + means.centroids
    indices = zip(weights, places).map { weight, place in
      pinned && weight == 0 ? 0 : UInt8(truncatingIfNeeded: place + first)
    }
  }

  /// Bits of an index, as many as tell the values apart.
  public var indexBits: Int {
    values.count > 1 ? Int.bitWidth - (values.count - 1).leadingZeroBitCount : 0
  }

  /// Bytes of the indices, packed, and of the values as 32-bit floats; entropy coding takes fewer.
  public var packedByteCount: Int { (indices.count * indexBits + 7) / 8 + 4 * values.count }
}
