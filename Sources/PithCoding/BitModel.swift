import CPithKernels
import Foundation

/// An adaptive probability of a bit: the mean of a fast and a slow estimate of 16 bits
/// (rates 1/16 and 1/128), as in ISO/IEC 15938-17.
public struct BitModel: Sendable {
  var state = pith_bit_model(fast: 32768, slow: 32768)

  public init() {}

  /// The cost of a bit at this moment, in bits: -log2 of its probability.
  public func cost(of bit: Bool) -> Double {
    let one = Double(max((UInt32(state.fast) + UInt32(state.slow)) >> 1, 1)) / 65536
    return -log2(bit ? one : 1 - one)
  }
}
