public import PithGraph

/// LeNet-5 as Caffe has it and as Deep Compression reports on it: 20 and 50 filters of 5x5, then 500
/// features; 431,080 parameters on MNIST. LeCun et al., 1998; Han, Mao and Dally, 2016.
public enum LeNet5: Architecture {
  public static let name = "lenet-5"
  public static let summary =
    "two convolutions, 20 and 50 filters, 500 features (LeCun 1998, Caffe)"
  public static let smallestSide = 16

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try layers.convolution("conv1", layers.scaled(20), kernel: 5, padding: 0, bias: true)
    try layers.maximumPool("pool1")
    try layers.convolution("conv2", layers.scaled(50), kernel: 5, padding: 0, bias: true)
    try layers.maximumPool("pool2")
    try layers.flatten("flatten")
    try layers.linear("fc1", layers.scaled(500))
    try layers.relu("relu1")
    try layers.linear("fc2", classes, isLast: true)
  }
}
