public import PithGraph

/// MobileNetV1: 4,231,976 parameters for 1000 classes. Howard et al., "MobileNets", 2017.
///
/// For images of up to 64 pixels a side the first convolution has stride 1, so that images are
/// reduced 16 times in place of 32: 3,217,226 parameters for ten classes.
public enum MobileNetV1: Architecture {
  public static let name = "mobilenet-v1"
  public static let summary = "depthwise separable convolutions, 4.2 M parameters (Howard 2017)"
  public static let smallestSide = 16

  /// Filters and stride of each block.
  private static let blocks = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
  ]

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try MobileNet.addBlock(
      &layers, "stem", MobileNet.channels(32, layers), kernel: 3, stride: layers.isSmall ? 1 : 2)
    for (index, (filters, stride)) in blocks.enumerated() {
      try MobileNet.addDepthwise(&layers, "block\(index + 1).depthwise", stride: stride)
      try MobileNet.addBlock(
        &layers, "block\(index + 1).pointwise", MobileNet.channels(filters, layers), kernel: 1)
    }
    try layers.averageToVector("average")
    try layers.linear("classifier", classes, isLast: true)
  }
}
