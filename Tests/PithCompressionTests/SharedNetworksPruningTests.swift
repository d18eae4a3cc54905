import PithCompression
import PithGraph
import PithONNX
import PithTensors
import PithTestSupport
import Testing

/// Every pretrained network loses 30 % of its channels and computes what it did with these silent.
@Suite("Channels of pretrained networks")
struct SharedNetworksPruningTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let path: String
    /// Height and width that the network is looked at with, where its own are large.
    var size: Int?
    var testDescription: String { path }
  }

  static let networks = [
    Network(path: "cifar10/resnet20_cifar10"), Network(path: "cifar10/resnet20_cifar10jpeg_ft"),
    Network(path: "cifar10/resnet32_cifar10"), Network(path: "cifar10/resnet56_cifar10"),
    Network(path: "cifar10/resnet56_cifar10jpeg_ft"),
    Network(
      path: "deep_compression_squeezenet/squeezenet_v1.0_deepcompression_decoded", size: 67),
    Network(path: "face/version-RFB-320"), Network(path: "imagenet/efficientnet_lite0", size: 64),
    Network(path: "imagenet/mobilenet_v1_0.75_224", size: 64),
    Network(path: "lenet/lenet300_100_fashion"), Network(path: "lenet/lenet300_100_mnist"),
    Network(path: "lenet/lenet5_fashion"), Network(path: "lenet/lenet5_mnist"),
    Network(path: "mlperf_tiny/autoencoder_ad_mlperftiny"),
    Network(path: "mlperf_tiny/mobilenetv1_025_vww_mlperftiny"),
    Network(path: "mlperf_tiny/resnet8_cifar10_mlperftiny"),
  ]

  @Test(
    "can go",
    .enabled(if: sharedData("models") != nil, "needs the shared data: models/"),
    arguments: networks)
  func removal(_ network: Network) throws {
    var graph = try ONNXReader.read(try #require(sharedData("models/\(network.path).onnx")))
    if let size = network.size {
      graph = try graph.binding(inputs: [TensorType(.float32, [1, 3, size, size])])
    }
    let groups = try graph.pruningGroups()
    #expect(!groups.groups.isEmpty)
    let scores = try ChannelRandom.scores(
      of: groups.groups, in: graph, Context(data: nil, teacher: graph))
    let selection = ChannelSelection(groups, scores: scores, scope: .local)
    let removal = selection.removal(selection.channels(keeping: 0.7, of: .channels))
    let smaller = try graph.removingChecked(removal, of: groups)
    let (before, after) = (
      StructureCost(groups.bound).total, StructureCost(try smaller.withKnownShapes()).total
    )
    let told = StructureCost(groups.bound).cost(of: removal)
    #expect(before.parameters - after.parameters == told.parameters)
    #expect(before.macs - after.macs == told.macs)
    #expect(Double(after.macs) < 0.75 * Double(before.macs))
  }
}
