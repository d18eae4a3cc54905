public import PithGraph

/// VGG-19 with batch normalization: 16 convolutions of 3x3 and a layer of classes.
public enum VGG19: Architecture {
  public static let name = "vgg19-bn"
  public static let summary = "16 convolutions of 3x3 with batch normalization (Simonyan 2015)"
  public static let smallestSide = 32

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try VGG.build(&layers, stages: [2, 2, 4, 4, 4], classes: classes)
  }
}
