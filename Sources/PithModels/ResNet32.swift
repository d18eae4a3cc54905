public import PithGraph

/// ResNet-32 for CIFAR, with shortcuts without parameters: 464,154 parameters for ten classes.
public enum ResNet32: Architecture {
  public static let name = "resnet32"
  public static let summary = "residual network for 32x32 images, 0.46 M parameters (He 2016)"
  public static let smallestSide = 4

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try ResNet.buildForCIFAR(&layers, depth: 5, classes: classes)
  }
}
