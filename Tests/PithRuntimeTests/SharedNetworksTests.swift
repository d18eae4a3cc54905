import Foundation
import PithGraph
import PithONNX
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Every pretrained network against the outputs that ONNX Runtime gave for it.
struct SharedNetworksTests {
  static let networks = [
    "cifar10/resnet20_cifar10", "cifar10/resnet20_cifar10jpeg_ft", "cifar10/resnet32_cifar10",
    "cifar10/resnet56_cifar10", "cifar10/resnet56_cifar10jpeg_ft",
    "deep_compression_squeezenet/squeezenet_v1.0_deepcompression_decoded",
    "face/version-RFB-320", "imagenet/efficientnet_lite0", "imagenet/mobilenet_v1_0.75_224",
    "lenet/lenet300_100_fashion", "lenet/lenet300_100_mnist", "lenet/lenet5_fashion",
    "lenet/lenet5_mnist", "mlperf_tiny/autoencoder_ad_mlperftiny",
    "mlperf_tiny/mobilenetv1_025_vww_mlperftiny", "mlperf_tiny/resnet8_cifar10_mlperftiny",
  ]

  @Test(
    "reproduces ONNX Runtime's outputs to 1e-4, fused or not",
    .enabled(if: sharedData("models") != nil, "needs the shared data: models/"),
    arguments: networks)
  func agrees(_ name: String) throws {
    let file = try #require(sharedData("models/\(name).onnx"))
    let folder = file.deletingPathExtension().appendingPathExtension("test_data_set_0")
    let inputs = try tensors(folder, "input")
    let expected = try tensors(folder, "output")
    let graph = try ONNXReader.read(file)
      .binding(inputs: inputs.map { TensorType($0.dtype, $0.shape) })
    let fused = try Executable(graph).run(inputs)
    let plain = try Executable(compiling: graph.optimized(rules: [])).run(inputs)
    #expect(fused.count == expected.count)
    for (index, tensor) in expected.enumerated() {
      // Relative to the largest output: scores that happen to be near zero have no scale of theirs.
      let scale = tensor.floats.map(\.magnitude).max() ?? 1
      expectClose(fused[index].floats, tensor.floats, relative: 0, absolute: 1e-4 * scale)
      expectClose(plain[index].floats, fused[index].floats, relative: 0, absolute: 1e-5 * scale)
    }
  }

  private func tensors(_ folder: URL, _ kind: String) throws -> [Tensor] {
    var result: [Tensor] = []
    while true {
      let file = folder.appendingPathComponent("\(kind)_\(result.count).pb")
      guard FileManager.default.fileExists(atPath: file.path) else { return result }
      result.append(try TensorFile.read(file).tensor)
    }
  }
}
