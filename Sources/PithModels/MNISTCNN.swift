public import PithGraph

/// Two convolutions of 5x5 with rectifiers and pooling, then 1024 features: 3,274,634 parameters on
/// MNIST. The network of TensorFlow's "Deep MNIST for experts" tutorial.
public enum MNISTCNN: Architecture {
  public static let name = "mnist-cnn"
  public static let summary =
    "two convolutions, 32 and 64 filters, 1024 features, 3.27 M parameters"
  public static let smallestSide = 4

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try layers.convolution("conv1", layers.scaled(32), kernel: 5, bias: true)
    try layers.relu("relu1")
    try layers.maximumPool("pool1")
    try layers.convolution("conv2", layers.scaled(64), kernel: 5, bias: true)
    try layers.relu("relu2")
    try layers.maximumPool("pool2")
    try layers.flatten("flatten")
    try layers.linear("fc1", layers.scaled(1024))
    try layers.relu("relu3")
    try layers.linear("fc2", classes, isLast: true)
  }
}
