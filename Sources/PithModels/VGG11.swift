public import PithGraph

/// VGG-11 with batch normalization: 8 convolutions of 3x3 and a layer of classes.
public enum VGG11: Architecture {
  public static let name = "vgg11-bn"
  public static let summary = "8 convolutions of 3x3 with batch normalization (Simonyan 2015)"
  public static let smallestSide = 32

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try VGG.build(&layers, stages: [1, 1, 2, 2, 2], classes: classes)
  }
}
