public import Foundation

/// What `pith compress` did and measured: the contents of `report.json`.
public struct CompressReport: Report {
  public var seed: UInt64
  /// The model that was given.
  public var baseline: Measurements
  /// The model that was made of it.
  public var result: Measurements
  public var steps: [StepRecord]
  public var files: Files
  /// The given model, trained as long as the result was but not compressed.
  public var control: Measurements?
  /// The control measured as the points of `history` are.
  public var controlPoint: HistoryPoint?
  /// Name of the model, as a reader knows it.
  public var model: String
  /// The data in words: its specification, and which part was used for what.
  public var data: String?
  /// Samples of the test split, on which the accuracies were measured.
  public var samples: Int?
  public var classNames: [String]
  /// Counts of the result by true class (row) and predicted class (column).
  public var confusion: [[Int]]?
  public var layers: [LayerChange]
  /// How large the filters of the given model are, where channels were removed by a norm.
  public var norms: [LayerNorms]?
  /// Sizes and accuracies on the way; empty where they are those of the steps.
  public var history: [HistoryPoint]
  public var warnings: [String]
  /// The recipe with everything resolved, in YAML.
  public var recipe: String
  /// The command that gives these results again.
  public var command: String
  public var created: Date
  /// Version of Pith.
  public var version: String
  /// Name and version of what ran the models.
  public var runtime: String?
  public var machine: MachineDescription?
  public var threads: Int
  public var seconds: Double

  public init(
    seed: UInt64, baseline: Measurements, result: Measurements, steps: [StepRecord], files: Files,
    control: Measurements? = nil, controlPoint: HistoryPoint? = nil, model: String,
    data: String? = nil, samples: Int? = nil,
    classNames: [String] = [], confusion: [[Int]]? = nil, layers: [LayerChange] = [],
    history: [HistoryPoint] = [], warnings: [String] = [], recipe: String, command: String,
    created: Date, version: String, runtime: String? = nil, machine: MachineDescription? = nil,
    threads: Int, seconds: Double
  ) {
    self.seed = seed
    self.baseline = baseline
    self.result = result
    self.steps = steps
    self.files = files
    self.control = control
    self.controlPoint = controlPoint
    self.model = model
    self.data = data
    self.samples = samples
    self.classNames = classNames
    self.confusion = confusion
    self.layers = layers
    self.history = history
    self.warnings = warnings
    self.recipe = recipe
    self.command = command
    self.created = created
    self.version = version
    self.runtime = runtime
    self.machine = machine
    self.threads = threads
    self.seconds = seconds
  }

  /// The files of a run folder, by their names in it.
  public struct Files: Codable, Sendable, Hashable {
    public var onnx: String
    /// Nil where the recipe makes no archive.
    public var pith: String?
    /// The report for people; the one for programs is this one.
    public var report: String

    public init(
      onnx: String = "model.onnx", pith: String? = "model.pith", report: String = "report.html"
    ) {
      self.onnx = onnx
      self.pith = pith
      self.report = report
    }
  }

  /// The points of the picture of accuracy against size: `history`, or the original and each step.
  public var points: [HistoryPoint] {
    if !history.isEmpty { return history }
    let original = baseline.onnxBytes.map {
      HistoryPoint(label: "original", bytes: $0, top1: baseline.top1)
    }
    let made = steps.compactMap { step in
      step.after.smallestBytes.map {
        HistoryPoint(label: step.method, bytes: $0, top1: step.after.top1)
      }
    }
    return [original].compactMap(\.self) + made
  }
}
