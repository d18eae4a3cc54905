public import PithGraph

/// VGG-16 with batch normalization: 13 convolutions of 3x3 and a layer of classes.
public enum VGG16: Architecture {
  public static let name = "vgg16-bn"
  public static let summary = "13 convolutions of 3x3 with batch normalization (Simonyan 2015)"
  public static let smallestSide = 32

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try VGG.build(&layers, stages: [2, 2, 3, 3, 3], classes: classes)
  }
}
