import PithGraph

/// The rules that turn what stands between DequantizeLinear and QuantizeLinear into kernels on
/// bytes, in the order they are tried at each node.
let integerRules: [any Rewrite] = [
  MergeQuantization(),
  ReadAsUnsigned(),
  DelayDequantization(),
  LowerConvolution(),
  LowerMatrixProduct(),
  LowerSum(),
  LowerConcatenation(),
  LowerAverage(),
  LowerFunction(),
]

/// The rules that fuse kernels on bytes with each other, once nothing else uses what is between.
let integerFusions: [any Rewrite] = [
  FuseIntegerSum(),
  FuseByteTable(),
  EncodeChannelsLast(),
]
