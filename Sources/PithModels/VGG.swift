import PithGraph

/// The convolutions of Simonyan and Zisserman ("Very deep convolutional networks", 2015) with batch
/// normalization, and one layer of classes behind them, as is usual on 32x32 images.
enum VGG {
  /// - Parameter stages: the convolutions before each of the five pools.
  static func build(_ layers: inout LayerBuilder, stages: [Int], classes: Int) throws(GraphError) {
    for (stage, (depth, filters)) in zip(stages, [64, 128, 256, 512, 512]).enumerated() {
      for index in 0..<depth {
        try layers.block("stage\(stage + 1).\(index).", layers.scaled(filters), kernel: 3)
      }
      try layers.maximumPool("pool\(stage + 1)")
    }
    if layers.extent(2) > 1 || layers.extent(3) > 1 {
      try layers.averageToVector("average")
    } else {
      try layers.flatten("flatten")
    }
    try layers.linear("classifier", classes, isLast: true)
  }
}
