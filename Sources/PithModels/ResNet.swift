import PithGraph

/// The parts of residual networks. He et al., "Deep residual learning for image recognition", 2016.
enum ResNet {
  /// How a shortcut reaches a value of another size.
  enum Shortcut {
    /// Subsampled, new channels zero (option A): no parameters.
    case subsampled
    /// A normalised 1x1 convolution (option B).
    case projected
  }

  /// The networks for CIFAR: three stages of 16, 32 and 64 filters, `depth` residual blocks each.
  static func buildForCIFAR(_ layers: inout LayerBuilder, depth: Int, classes: Int)
    throws(GraphError)
  {
    try layers.block("", suffix: "1", layers.scaled(16), kernel: 3)
    try addStages(&layers, [16, 32, 64], depth: depth, shortcut: .subsampled)
    try layers.averageToVector("average")
    try layers.linear("linear", classes, isLast: true)
  }

  static func addStages(
    _ layers: inout LayerBuilder, _ filters: [Int], depth: Int, shortcut: Shortcut
  ) throws(GraphError) {
    for (stage, filters) in filters.enumerated() {
      for index in 0..<depth {
        try addBlock(
          &layers, "layer\(stage + 1).\(index).", layers.scaled(filters),
          stride: stage > 0 && index == 0 ? 2 : 1, shortcut: shortcut)
      }
    }
  }

  /// relu(x + f(x)), where f is two convolutions of 3x3.
  private static func addBlock(
    _ layers: inout LayerBuilder, _ prefix: String, _ filters: Int, stride: Int,
    shortcut: Shortcut
  ) throws(GraphError) {
    let input = layers.current
    let channels = layers.channels
    try layers.block(prefix, suffix: "1", filters, kernel: 3, stride: stride)
    try layers.convolution(prefix + "conv2", filters, kernel: 3)
    try layers.normalization(prefix + "bn2")
    var other = input
    if stride != 1 || channels != filters {
      let output = layers.current
      layers.current = input
      switch shortcut {
      case .subsampled:
        try layers.subsampledShortcut(prefix + "shortcut", channels: filters)
      case .projected:
        try layers.convolution(prefix + "shortcut.conv", filters, kernel: 1, stride: stride)
        try layers.normalization(prefix + "shortcut.bn")
      }
      other = layers.current
      layers.current = output
    }
    try layers.sum(prefix + "add", with: other)
    try layers.relu(prefix + "relu2")
  }
}
