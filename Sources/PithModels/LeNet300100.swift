public import PithGraph

/// Two hidden layers of 300 and 100 features: 266,610 parameters on MNIST. LeCun et al.,
/// "Gradient-based learning applied to document recognition", 1998.
public enum LeNet300100: Architecture {
  public static let name = "lenet-300-100"
  public static let summary = "fully connected, 300 and 100 hidden features (LeCun 1998)"
  public static let smallestSide = 1

  public static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError) {
    try layers.flatten("flatten")
    try layers.linear("fc1", layers.scaled(300))
    try layers.relu("relu1")
    try layers.linear("fc2", layers.scaled(100))
    try layers.relu("relu2")
    try layers.linear("fc3", classes, isLast: true)
  }
}
