import Foundation
import PithReports

/// Reports with plausible figures, for the tests to look at.
enum SampleReports {
  static let created = Date(timeIntervalSince1970: 1_743_429_900)

  static let baseline = Measurements(
    top1: 0.9221, top5: 0.9981, loss: 0.2417, parameters: 3_274_634,
    nonzeroParameters: 3_274_634, macs: 13_883_392, onnxBytes: 13_099_862, pithBytes: 12_031_115,
    latencyMilliseconds: 0.812)

  static let pruned = Measurements(
    top1: 0.9238, top5: 0.9979, loss: 0.2391, parameters: 3_274_634, nonzeroParameters: 131_530,
    macs: 13_883_392, onnxBytes: 13_099_862, pithBytes: 508_220, latencyMilliseconds: 0.806)

  static let shared = Measurements(
    top1: 0.9226, top5: 0.9980, loss: 0.2402, parameters: 3_274_634, nonzeroParameters: 131_530,
    macs: 13_883_392, onnxBytes: 3_294_011, pithBytes: 118_402, latencyMilliseconds: 0.809)

  static let coded = Measurements(
    top1: 0.9226, top5: 0.9980, loss: 0.2402, parameters: 3_274_634, nonzeroParameters: 131_530,
    macs: 13_883_392, onnxBytes: 3_294_011, pithBytes: 90_304, latencyMilliseconds: 0.431)

  static let steps = [
    StepRecord(
      method: "pruning",
      settings: [
        "sparsity": 0.96, "criterion": "magnitude", "schedule": "gradual", "granularity": "fine",
        "scope": "global", "epochs": 8, "distill": true,
      ],
      before: baseline, after: pruned, seconds: 412.7,
      notes: ["fc3 stays whole: it is <small>"]),
    StepRecord(
      method: "weight-sharing",
      settings: ["bits": 4, "initialization": "linear", "epochs": 2, "distill": true],
      before: pruned, after: shared, seconds: 133.4),
    StepRecord(
      method: "entropy-coding", settings: ["coder": "arithmetic"], before: shared, after: coded,
      seconds: 0.62),
  ]

  static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  static let confusion = [
    [871, 1, 14, 14, 3, 1, 92, 0, 4, 0], [1, 984, 0, 9, 2, 0, 3, 0, 1, 0],
    [13, 0, 881, 8, 49, 0, 48, 0, 1, 0], [9, 3, 7, 934, 23, 0, 23, 0, 1, 0],
    [0, 0, 42, 21, 890, 0, 46, 0, 1, 0], [0, 0, 0, 0, 0, 984, 0, 11, 0, 5],
    [86, 0, 52, 20, 57, 0, 780, 0, 5, 0], [0, 0, 0, 0, 0, 4, 0, 979, 0, 17],
    [2, 1, 1, 3, 2, 1, 2, 1, 987, 0], [0, 0, 0, 0, 0, 4, 1, 27, 0, 968],
  ]

  static let layers = [
    layer("conv1", "Conv", [32, 1, 5, 5], 832, bytes: (3328, 611), bits: 4, sparsity: 0.42),
    layer(
      "conv2", "Conv", [64, 32, 5, 5], 51_264, bytes: (205_056, 9_820), bits: 4, sparsity: 0.81),
    layer(
      "fc1", "Gemm", [1024, 3136], 3_212_288, bytes: (12_849_152, 75_412), bits: 4,
      sparsity: 0.9641),
    layer("fc2", "Gemm", [10, 1024], 10_250, bytes: (41_000, 3_310), bits: 4, sparsity: 0.63),
  ]

  /// The model of the demo, compressed.
  static var compress: CompressReport {
    CompressReport(
      seed: 1, baseline: baseline, result: coded, steps: steps, files: .init(),
      control: Measurements(
        top1: 0.9243, top5: 0.9982, loss: 0.2350, parameters: 3_274_634,
        nonzeroParameters: 3_274_634, macs: 13_883_392, onnxBytes: 13_099_862,
        pithBytes: 12_029_871, latencyMilliseconds: 0.811),
      model: "mnist-cnn",
      data: "mnist:data/fashion-mnist, 55,000 to train, 5,000 to validate, 10,000 to test",
      samples: 10_000, classNames: classNames, confusion: confusion, layers: layers,
      warnings: ["ONNX Runtime runs the pruned model no faster: its zeros are not skipped."],
      recipe: """
        model: mnist-cnn.onnx
        data: mnist:data/fashion-mnist
        seed: 1
        steps:
          - pruning: {sparsity: 0.96, schedule: gradual, scope: global, epochs: 8, distill: true}
          - weight-sharing: {bits: 4, initialization: linear, epochs: 2, distill: true}
          - entropy-coding: {coder: arithmetic}

        """,
      command:
        "pith compress mnist-cnn.onnx --data mnist:data/fashion-mnist --recipe recipe.yaml "
        + "--seed 1 --threads 2 -o compressed",
      created: created, version: "0.1.0", runtime: "oneDNN 3.7.0",
      machine: MachineDescription(
        processor: "AMD EPYC 7B13 64-Core Processor", cores: 2, memoryBytes: 8_327_421_952,
        operatingSystem: "Debian GNU/Linux 12 (bookworm)"),
      threads: 2, seconds: 553.1)
  }

  /// A model of many layers, without data: nothing is known of its accuracy.
  static var withoutData: CompressReport {
    var report = compress
    report.model = "resnet110.onnx"
    report.data = nil
    report.samples = nil
    report.confusion = nil
    report.control = nil
    report.baseline = Measurements(
      parameters: 1_727_962, nonzeroParameters: 1_727_962, macs: 253_000_000,
      onnxBytes: 6_943_210)
    report.result = Measurements(
      parameters: 1_727_962, nonzeroParameters: 1_727_962, macs: 253_000_000,
      onnxBytes: 1_843_000)
    report.files.pith = nil
    report.warnings = []
    report.steps = [
      StepRecord(
        method: "weight-sharing", settings: ["bits": 8, "epochs": 0], before: report.baseline,
        after: report.result, seconds: 3.2)
    ]
    report.layers = (0..<36).map { index -> LayerChange in
      let stage = index / 12
      let channels = 16 << stage
      return layer(
        "stage\(stage + 1).block\(index % 12 / 2).conv\(index % 2 + 1)", "Conv",
        [channels, channels, 3, 3], 9 * channels * channels + channels,
        bytes: (36 * channels * channels, nil), bits: 8, sparsity: 0.001 * Double(index))
    }
    return report
  }

  /// A report in which every text that a file or user could give is hostile.
  static func hostile(_ text: String) -> CompressReport {
    var report = compress
    report.model = text
    report.data = text
    report.classNames = report.classNames.map { _ in text }
    report.steps[0].notes = [text]
    report.warnings = [text]
    report.recipe = text
    report.command = text
    report.version = text
    report.runtime = text
    report.machine?.processor = text
    report.machine?.operatingSystem = text
    report.files.onnx = text
    report.files.pith = text
    for index in report.steps.indices {
      report.steps[index].method = text
      report.steps[index].settings = [text: .text(text), "list": [.text(text)]]
    }
    for index in report.layers.indices {
      report.layers[index].name = text
      report.layers[index].operator = text
    }
    return report
  }

  private static func layer(
    _ name: String, _ kind: String, _ shape: [Int], _ parameters: Int, bytes: (Int, Int?),
    bits: Double, sparsity: Double
  ) -> LayerChange {
    LayerChange(
      name: name, operator: kind, parameters: parameters, weightShape: shape,
      before: .init(onnxBytes: bytes.0, bits: 32, sparsity: 0),
      after: .init(onnxBytes: bytes.0 / 4, pithBytes: bytes.1, bits: bits, sparsity: sparsity))
  }
}
