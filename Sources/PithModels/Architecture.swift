public import PithGraph

/// A network that Pith can make from nothing. To add one: a file with its type, and a line in
/// `architectures`.
public protocol Architecture: Sendable {
  /// The word that `pith train` knows it by.
  static var name: String { get }
  /// One line for listings: what it is, and where it was published.
  static var summary: String { get }
  /// The shortest image side it can work on.
  static var smallestSide: Int { get }

  /// Adds the layers from images to logits.
  static func build(_ layers: inout LayerBuilder, classes: Int) throws(GraphError)
}

/// Every architecture, in alphabetical order of the words.
public let architectures: [any Architecture.Type] = [
  LeNet300100.self,
  LeNet5.self,
  MNISTCNN.self,
  MobileNetV1.self,
  MobileNetV2.self,
  ResNet18.self,
  ResNet20.self,
  ResNet32.self,
  ResNet56.self,
  VGG11.self,
  VGG16.self,
  VGG19.self,
]

/// (channels, height, width) of the images a network reads.
public struct ImageSize: Sendable, Hashable {
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }
}

extension Architecture {
  /// The network with weights drawn for training.
  ///
  /// Convolutions and hidden layers start from He's normal distribution (He et al., "Delving deep
  /// into rectifiers", 2015), the last layer from one of half its variance, biases at zero and
  /// normalisation as the identity. Each weight is drawn from a stream of its own, so the same seed
  /// gives the same bits.
  ///
  /// - Parameters:
  ///   - width: what the published numbers of channels are multiplied with.
  /// - Returns: a graph with the input `input` (N, C, H, W), N open, and the output `logits`
  ///   (N, classes).
  public static func network(
    input: ImageSize, classes: Int, width: Double = 1, seed: UInt64
  ) throws(ModelError) -> Graph {
    guard (1...4096).contains(input.channels) else {
      throw .channels(architecture: name, given: input.channels)
    }
    let sides = smallestSide...8192
    guard sides.contains(input.height), sides.contains(input.width) else {
      throw .size(
        architecture: name, smallest: smallestSide, height: input.height, width: input.width)
    }
    guard (1...1_000_000).contains(classes) else {
      throw .classes(architecture: name, given: classes)
    }
    guard width >= 0.01, width <= 16 else { throw .width(architecture: name, given: width) }
    var layers = LayerBuilder(name: name, input: input, width: width, seed: seed)
    do {
      try build(&layers, classes: classes)
    } catch {
      throw .graph(architecture: name, error)
    }
    return layers.finish()
  }
}

/// The architecture with a name, or nil.
public func architecture(named name: String) -> (any Architecture.Type)? {
  architectures.first { $0.name == name }
}
