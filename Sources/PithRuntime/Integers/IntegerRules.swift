import PithGraph

/// What the layers of a quantized network, which stand between DequantizeLinear and QuantizeLinear,
/// are computed with.
public enum IntegerArithmetic: Sendable, Hashable {
  /// Floats: the quantized values are simulated.
  case simulated
  /// 8-bit integers, exactly. Layers whose sums could overflow on this processor stay simulated.
  case exact
  /// 8-bit integers. Filters whose sums could overflow on this processor lose the last bit of their
  /// weights; on processors that sum products of bytes in 32 bits, the same as `exact`.
  case fast

  /// The rules that turn layers into kernels on bytes, in stages; within a stage, in the order they
  /// are tried at each node.
  var stages: [[any Rewrite]] {
    guard self != .simulated else { return [] }
    return [
      [MergeQuantization()],
      [ReadAsUnsigned()],
      [
        DelayDequantization(), LowerConvolution(mayRound: self == .fast),
        LowerMatrixProduct(mayRound: self == .fast), LowerSum(), LowerConcatenation(),
        LowerAverage(), LowerFunction(),
      ],
      [FuseIntegerSum(), FuseByteTable(), EncodeChannelsLast(), DecodeAsItLies()],
    ]
  }
}
