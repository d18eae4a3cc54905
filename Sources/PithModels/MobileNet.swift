import PithGraph

/// The parts of the MobileNets.
enum MobileNet {
  /// A number of channels under the network's width: the nearest multiple of 8, at least 8, and no
  /// less than nine tenths of the exact number.
  static func channels(_ published: Int, _ layers: LayerBuilder) -> Int {
    let exact = Double(published) * layers.width
    let rounded = max(8, Int(exact + 4) / 8 * 8)
    return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
  }

  /// Convolution, normalisation and min(max(x, 0), 6).
  static func addBlock(
    _ layers: inout LayerBuilder, _ name: String, _ filters: Int, kernel: Int, stride: Int = 1,
    groups: Int = 1
  ) throws(GraphError) {
    try layers.convolution(
      name + ".conv", filters, kernel: kernel, stride: stride, groups: groups)
    try layers.normalization(name + ".bn")
    try layers.relu6(name + ".relu6")
  }

  /// A 3x3 convolution of each channel by itself.
  static func addDepthwise(_ layers: inout LayerBuilder, _ name: String, stride: Int)
    throws(GraphError)
  {
    let channels = layers.channels
    try addBlock(&layers, name, channels, kernel: 3, stride: stride, groups: channels)
  }
}
