import Foundation
import PithGraph
import PithKernels
import PithModels
import PithONNX
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// What is computed together gives what is computed one by one.
@Suite("Fusion", .serialized)
struct FusionTests {
  /// A pretrained network that can be trained, and a sample small enough for a test.
  struct Subject: Sendable, CustomTestStringConvertible {
    let name: String
    let sample: Shape
    /// Which output is trained, of a network that has several.
    var output: Int?

    var testDescription: String { name + (output.map { " output \($0)" } ?? "") }
  }

  static let subjects = [
    Subject(name: "cifar10/resnet20_cifar10", sample: [3, 32, 32]),
    Subject(name: "cifar10/resnet20_cifar10jpeg_ft", sample: [3, 32, 32]),
    Subject(name: "cifar10/resnet32_cifar10", sample: [3, 32, 32]),
    Subject(name: "cifar10/resnet56_cifar10", sample: [3, 32, 32]),
    Subject(name: "cifar10/resnet56_cifar10jpeg_ft", sample: [3, 32, 32]),
    Subject(
      name: "deep_compression_squeezenet/squeezenet_v1.0_deepcompression_decoded",
      sample: [3, 99, 99]),
    Subject(name: "face/version-RFB-320", sample: [3, 240, 320], output: 0),
    Subject(name: "face/version-RFB-320", sample: [3, 240, 320], output: 1),
    Subject(name: "imagenet/efficientnet_lite0", sample: [3, 64, 64]),
    Subject(name: "imagenet/mobilenet_v1_0.75_224", sample: [3, 64, 64]),
    Subject(name: "lenet/lenet300_100_fashion", sample: [1, 28, 28]),
    Subject(name: "lenet/lenet300_100_mnist", sample: [1, 28, 28]),
    Subject(name: "lenet/lenet5_fashion", sample: [1, 28, 28]),
    Subject(name: "lenet/lenet5_mnist", sample: [1, 28, 28]),
    Subject(name: "mlperf_tiny/autoencoder_ad_mlperftiny", sample: [640]),
    Subject(name: "mlperf_tiny/mobilenetv1_025_vww_mlperftiny", sample: [3, 96, 96]),
    Subject(name: "mlperf_tiny/resnet8_cifar10_mlperftiny", sample: [3, 32, 32]),
  ]

  @Test(
    "changes neither loss nor gradients of a pretrained network by more than 1e-5",
    .enabled(if: sharedData("models") != nil, "needs the shared data: models/"),
    arguments: subjects)
  func pretrained(_ subject: Subject) throws {
    var network = try ONNXReader.read(#require(sharedData("models/\(subject.name).onnx")))
    if let output = subject.output {
      // What it gives for all places, taken for the scores of that many classes; a softmax that
      // came last would not be trained.
      let flat = try network.add(Neg(), network.add(Flatten(), network.outputs[output]))
      network.setOutputs([flat])
      network.removeUnused()
    }
    try compare(network, sample: subject.sample, learnsFromZero: subject.output != nil)
  }

  @Test(
    "changes neither loss nor gradients of a fresh network by more than 1e-5",
    arguments: TrainingStepsTests.subjects.filter { $0.target == nil })
  func fresh(_ subject: TrainingStepsTests.Subject) throws {
    try compare(subject.network(), sample: subject.sample)
  }

  @Test(
    "gives the same plan and the same bits each time",
    arguments: TrainingStepsTests.subjects.filter { $0.target == nil }, [1, 2])
  func repeats(_ subject: TrainingStepsTests.Subject, threads: Int) throws {
    Threads.count = threads
    defer { Threads.count = 1 }
    let runs = try (0..<2).map { _ in
      let step = try Step(subject.network(), sample: subject.sample, isFused: true)
      for _ in 0..<2 { step.run() }
      return (step.plan, try step.states())
    }
    #expect(runs[0].0 == runs[1].0)
    for (name, tensor) in runs[0].1 {
      #expect(
        tensor.floats.map(\.bitPattern) == runs[1].1[name]?.floats.map(\.bitPattern), "\(name)")
    }
  }

  /// A gradient is what the momentum of a first step without weight decay holds.
  ///
  /// - Parameter learnsFromZero: whether parameters start at zero and so are only what they learnt:
  ///   the largest gradient is their measure then, times the learning rate.
  private func compare(_ network: Graph, sample: Shape, learnsFromZero: Bool = false) throws {
    Threads.count = 1
    let steps = try [true, false].map { isFused in
      let step = try Step(network, sample: sample, isFused: isFused)
      step.run()
      return step
    }
    let (fused, plain) = (steps[0], steps[1])
    #expect(fused.executable.steps.count <= plain.executable.steps.count)
    expectClose([fused.loss], [plain.loss], relative: 1e-5, absolute: 0)
    let (states, expected) = (try fused.states(), try plain.states())
    #expect(states.count == expected.count)
    let largest =
      expected.filter { $0.key.hasSuffix(".slot0") }.values
      .flatMap { $0.floats.map(\.magnitude) }.max() ?? 0
    for (name, tensor) in expected {
      let isLearnt = learnsFromZero && expected[name + ".slot0"] != nil
      let own = max(
        tensor.floats.map(\.magnitude).max() ?? 0, isLearnt ? Step.learningRate * largest : 0)
      let scale = name.hasSuffix(".slot0") ? largest : own
      let actual = try #require(states[name])
      expectClose(actual.floats, tensor.floats, relative: 0, absolute: 1e-5 * scale, name)
    }
  }

  /// A compiled training step with its inputs.
  private struct Step {
    static let learningRate: Float = 0.01
    let executable: Executable

    init(_ network: Graph, sample: Shape, isFused: Bool) throws {
      let batch = 4
      let type = TensorType(
        .float32, [.named("N")] + sample.dimensions.map { Dimension.fixed($0) })
      let settings = TrainingSettings(
        batch: batch, learningRate: Double(Self.learningRate), weightDecay: 0)
      executable = try network.binding(inputs: [type]).trainingStep(settings, isFused: isFused)
      var source = GoldenNumbers(seed: 1)
      try executable.setInput(
        0, source.tensor(Shape([batch] + sample.dimensions), scale: 0.5, offset: 0.5))
      try executable.setInput(1, Tensor([0, 1, 0, 1] as [Int32]))
      try executable.setInput(2, Tensor(scalar: Self.learningRate))
    }

    func run() { executable.execute() }

    var loss: Float { executable.output(0).floats[0] }

    var plan: [String] {
      executable.steps.map {
        "\($0.name) \($0.operatorName) \($0.implementation) \($0.layout) \($0.bytes)"
      } + ["\(executable.arenaBytes)"]
    }

    func states() throws -> [String: Tensor] {
      let graph = executable.graph
      return try Dictionary(
        uniqueKeysWithValues: graph.updates.map(\.state)
          .filter { graph.type(of: $0)?.dtype == .float32 }
          .map { (graph.name(of: $0), try executable.state(of: $0)) })
    }
  }
}
