public import Foundation

/// What `pith compare` measures: every method with the same data, seeds and training.
public struct CompareReport: Report {
  /// The rows that are done, in the order in which they were asked for.
  public var rows: [Row]
  /// The model that was given; on the test split as soon as a row is done.
  public var baseline: Measurements?
  /// The given model, trained as long as each row was but not compressed; nil where no row was
  /// trained.
  public var control: Row?
  /// Names of all rows that were asked for.
  public var planned: [String] = []
  public var isFinished = false
  /// Name of the model, as a reader knows it.
  public var model = ""
  /// The data in words: its specification, and which part was used for what.
  public var data: String?
  /// Samples of the test split, on which the accuracies were measured.
  public var samples: Int?
  public var seeds: [UInt64] = []
  /// Passes over the training data of each row.
  public var epochs = 0
  public var warnings: [String] = []
  /// Those of the warnings that come from the model, the data and the runs.
  public var notes: [String] = []
  /// The given model as a run measured it on the test split, so that others need not.
  public var tested: Measurements?
  /// What was compared, with everything resolved, in YAML.
  public var recipe = ""
  /// The command that gives these results again.
  public var command = ""
  public var created: Date?
  /// Version of Pith.
  public var version = ""
  /// Name and version of what ran the models.
  public var runtime: String?
  public var machine: MachineDescription?
  public var threads = 0
  public var seconds: Double?

  public init(rows: [Row]) { self.rows = rows }

  /// One method, or several in turn, with settings, and what came of them: means over the seeds.
  public struct Row: Codable, Sendable, Hashable {
    public var method: String
    /// By their words; where there are several steps, by the words of their methods.
    public var settings: [String: SettingValue]
    public var top1: Double?
    /// Nil where the row failed.
    public var parameters: Int?
    public var macs: Int?
    public var onnxBytes: Int?
    public var pithBytes: Int?
    /// Median latency at batch 1, each layer computed in the way that is faster.
    public var latencyMilliseconds: Double?
    public var trainingSeconds: Double
    /// What the row is called.
    public var name: String?
    /// Standard deviation over the seeds, with one less than their number in the denominator.
    public var top1Spread: Double?
    public var top5: Double?
    public var loss: Double?
    public var nonzeroParameters: Int?
    /// Median latency with zeros computed like other numbers.
    public var denseLatencyMilliseconds: Double?
    /// Median latency with zeros skipped; nil where there are none.
    public var sparseLatencyMilliseconds: Double?
    /// Median latency of the given model, measured in turns with the row's.
    public var baselineLatencyMilliseconds: Double?
    public var steps: [Step] = []
    public var runs: [Run] = []
    /// Why the row failed.
    public var error: String?

    public init(
      method: String, settings: [String: SettingValue], top1: Double?, parameters: Int?,
      macs: Int?, onnxBytes: Int?, pithBytes: Int?, latencyMilliseconds: Double?,
      trainingSeconds: Double
    ) {
      self.method = method
      self.settings = settings
      self.top1 = top1
      self.parameters = parameters
      self.macs = macs
      self.onnxBytes = onnxBytes
      self.pithBytes = pithBytes
      self.latencyMilliseconds = latencyMilliseconds
      self.trainingSeconds = trainingSeconds
    }

    /// The name, or the method where there is none.
    public var title: String { name ?? method }
    /// Whether it ran to the end with every seed.
    public var isFinished: Bool { error == nil && parameters != nil }
    /// Bytes of the smallest file that holds the model.
    public var smallestBytes: Int? { [onnxBytes, pithBytes].compactMap(\.self).min() }
  }

  /// One method of a row.
  public struct Step: Codable, Sendable, Hashable {
    public var method: String
    public var settings: [String: SettingValue]

    public init(method: String, settings: [String: SettingValue]) {
      self.method = method
      self.settings = settings
    }
  }

  /// A row with one seed.
  public struct Run: Codable, Sendable, Hashable {
    public var seed: UInt64
    /// On the test split; nil where the run failed.
    public var result: Measurements?
    public var validationTop1: Double?
    public var seconds: Double
    /// The run folder, below that of the comparison.
    public var folder: String?
    public var error: String?

    public init(
      seed: UInt64, result: Measurements?, validationTop1: Double?, seconds: Double,
      folder: String?, error: String?
    ) {
      self.seed = seed
      self.result = result
      self.validationTop1 = validationTop1
      self.seconds = seconds
      self.folder = folder
      self.error = error
    }
  }

  /// What the accuracies are set against: the control's, or the given model's where none was
  /// trained.
  public var reference: Double? { control?.top1 ?? baseline?.top1 }

  /// What came out, in one sentence: the smallest and the fastest of the rows that lose at most one
  /// percentage point.
  public var headline: String {
    let done = rows.filter(\.isFinished)
    let count = "\(planned.count) \(planned.count == 1 ? "row" : "rows")"
    guard done.count == rows.count, rows.count == planned.count else {
      let failed = rows.count - done.count
      return "\(done.count) of \(count) done" + (failed > 0 ? ", \(failed) failed" : "")
    }
    let good = done.filter { row in
      guard let reference, let top1 = row.top1 else { return reference == nil }
      return top1 >= reference - 0.01
    }
    let smallest = good.filter { $0.smallestBytes != nil }
      .min { ($0.smallestBytes ?? 0) < ($1.smallestBytes ?? 0) }
    let fastest = good.filter { $0.latencyMilliseconds != nil }
      .min { ($0.latencyMilliseconds ?? 0) < ($1.latencyMilliseconds ?? 0) }
    guard let smallest else { return "all \(count) lose more than one percentage point" }
    var words = "\(count): smallest \(smallest.title) (\(Format.bytes(smallest.smallestBytes)))"
    if let fastest {
      words += ", fastest \(fastest.title) (\(Format.milliseconds(fastest.latencyMilliseconds)))"
    }
    return reference == nil ? words : words + " of those within one percentage point"
  }
}
