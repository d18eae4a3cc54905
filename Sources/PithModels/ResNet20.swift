public import PithGraph

/// ResNet-20 for CIFAR, with shortcuts without parameters: 269,722 parameters for ten classes.
public enum ResNet20: Architecture {
  public static let name = "resnet20"
  public static let summary = "residual network for 32x32 images, 0.27 M parameters (He 2016)"
  public static let smallestSide = 4

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try ResNet.buildForCIFAR(&layers, depth: 3, classes: classes)
  }
}
