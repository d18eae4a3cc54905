public import PithGraph

/// ResNet-56 for CIFAR, with shortcuts without parameters: 853,018 parameters for ten classes.
public enum ResNet56: Architecture {
  public static let name = "resnet56"
  public static let summary = "residual network for 32x32 images, 0.85 M parameters (He 2016)"
  public static let smallestSide = 4

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try ResNet.buildForCIFAR(&layers, depth: 9, classes: classes)
  }
}
