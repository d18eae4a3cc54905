/// What `pith compare` measures: every method under the same budget.
public struct CompareReport: Report {
  public var rows: [Row]

  public init(rows: [Row]) { self.rows = rows }

  /// One method with its settings, and what it reached.
  public struct Row: Codable, Sendable, Hashable {
    public var method: String
    public var settings: [String: SettingValue]
    public var top1: Double?
    public var parameters: Int
    public var macs: Int?
    public var onnxBytes: Int?
    public var pithBytes: Int?
    /// Median latency at batch 1.
    public var latencyMilliseconds: Double?
    public var trainingSeconds: Double

    public init(
      method: String, settings: [String: SettingValue], top1: Double?, parameters: Int, macs: Int?,
      onnxBytes: Int?, pithBytes: Int?, latencyMilliseconds: Double?, trainingSeconds: Double
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
  }
}
