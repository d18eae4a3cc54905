import Foundation
import PithData
import PithGraph
import PithKernels
import PithONNX
import PithRuntime
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Networks as others export them, some for one fixed batch.
@Suite("Pretrained networks")
struct PretrainedTests {
  static let classifiers = [
    "lenet/lenet300_100_mnist", "lenet/lenet5_fashion", "cifar10/resnet20_cifar10",
    "mlperf_tiny/resnet8_cifar10_mlperftiny", "mlperf_tiny/mobilenetv1_025_vww_mlperftiny",
  ]
  static let all = classifiers + ["mlperf_tiny/autoencoder_ad_mlperftiny", "face/version-RFB-320"]

  private func network(_ name: String) throws -> Graph? {
    Threads.count = 1
    let path = "models/\(name).onnx"
    guard let url = sharedData(path) else {
      print("skipped: \(path) of the shared data is not there")
      return nil
    }
    return try ONNXReader.read(url)
  }

  private func samples(_ count: Int, for network: Graph, seed: Int) throws -> Tensor {
    let type = try #require(network.inputs.first.flatMap { network.type(of: $0) })
    let extents = type.dimensions.dropFirst().compactMap(\.size)
    var source = GoldenNumbers(seed: seed)
    return source.tensor(Shape([count] + extents))
  }

  @Test("give the same for a batch as for its samples one by one", arguments: all)
  func batches(_ name: String) throws {
    guard let network = try network(name) else { return }
    let images = try samples(2, for: network, seed: 1)
    let together = try Executable(network.withBatch(2)).run([images])
    let single = try Executable(network.withBatch(1))
    let half = images.count / 2
    for row in 0..<2 {
      let image = Tensor(
        Array(images.floats[row * half..<(row + 1) * half]),
        Shape([1] + images.shape.dimensions.dropFirst()))
      for (all, own) in zip(together, try single.run([image])) {
        let share = Array(all.floats[row * own.count..<(row + 1) * own.count])
        let scale = own.floats.reduce(0) { max($0, $1.magnitude) }
        expectClose(share, own.floats, relative: 1e-4, absolute: 1e-5 * scale)
      }
    }
  }

  @Test(
    "learn a handful of samples by heart, also under another number of classes",
    arguments: classifiers)
  func training(_ name: String) throws {
    guard let network = try network(name) else { return }
    let images = try samples(4, for: network, seed: 2)
    for network in [network, try network.withClasses(3, seed: 1)] {
      let split = try PithData.Split(images, labels: [0, 1, 1, 0])
      let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
      let settings = TrainingSettings(
        epochs: 12, batch: 4, optimizer: .adam, learningRate: 0.003, schedule: .constant)
      let trainer = try Trainer(network, data, settings)
      _ = try trainer.run()
      #expect(trainer.epochs[11].loss < 0.9 * trainer.epochs[0].loss)
    }
  }
}
