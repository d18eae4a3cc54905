public import PithGraph

/// MobileNetV2: 3,504,872 parameters for 1000 classes. Sandler et al., "Inverted residuals and linear
/// bottlenecks", 2018.
///
/// For images of up to 64 pixels a side the first convolution and the first reducing block have
/// stride 1, so that images are reduced 8 times in place of 32: 2,236,682 parameters for ten classes.
public enum MobileNetV2: Architecture {
  public static let name = "mobilenet-v2"
  public static let summary =
    "inverted residuals, linear bottlenecks, 3.5 M parameters (Sandler 2018)"
  public static let smallestSide = 16

  /// Expansion, filters, number of blocks, stride of the first.
  private static let stages = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try MobileNet.addBlock(
      &layers, "stem", MobileNet.channels(32, layers), kernel: 3, stride: layers.isSmall ? 1 : 2)
    for (stage, (expansion, filters, count, stride)) in stages.enumerated() {
      let isReducing = stride == 2 && !(layers.isSmall && stage == 1)
      for index in 0..<count {
        try addBottleneck(
          &layers, "stage\(stage + 1).\(index)", MobileNet.channels(filters, layers),
          expansion: expansion, stride: isReducing && index == 0 ? 2 : 1)
      }
    }
    // The last layer is never made narrower than published.
    let last = layers.width > 1 ? MobileNet.channels(1280, layers) : 1280
    try MobileNet.addBlock(&layers, "head", last, kernel: 1)
    try layers.averageToVector("average")
    try layers.linear("classifier", classes, isLast: true)
  }

  private static func addBottleneck(
    _ layers: inout LayerBuilder, _ name: String, _ filters: Int, expansion: Int, stride: Int
  ) throws(GraphError) {
    let (input, channels) = (layers.current, layers.channels)
    if expansion != 1 {
      try MobileNet.addBlock(&layers, name + ".expand", channels * expansion, kernel: 1)
    }
    try MobileNet.addDepthwise(&layers, name + ".depthwise", stride: stride)
    try layers.convolution(name + ".project.conv", filters, kernel: 1)
    try layers.normalization(name + ".project.bn")
    if stride == 1, channels == filters { try layers.sum(name + ".add", with: input) }
  }
}
