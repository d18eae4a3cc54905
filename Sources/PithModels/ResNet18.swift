public import PithGraph

/// ResNet-18: 11,689,512 parameters for 224x224 images and 1000 classes.
///
/// For images of up to 64 pixels a side the first layer is a 3x3 convolution at stride 1 without a
/// pool behind it, as is usual on CIFAR: 11,173,962 parameters for ten classes.
public enum ResNet18: Architecture {
  public static let name = "resnet18"
  public static let summary = "residual network with 18 layers, 11.2 M parameters (He 2016)"
  public static let smallestSide = 8

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    let filters = layers.scaled(64)
    if layers.isSmall {
      try layers.block("", suffix: "1", filters, kernel: 3)
    } else {
      try layers.block("", suffix: "1", filters, kernel: 7, stride: 2)
      try layers.overlappingPool("maxpool")
    }
    try ResNet.addStages(&layers, [64, 128, 256, 512], depth: 2, shortcut: .projected)
    try layers.averageToVector("average")
    try layers.linear("fc", classes, isLast: true)
  }
}
