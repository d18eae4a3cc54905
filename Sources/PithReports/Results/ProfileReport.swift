/// What `pith profile` measures.
public struct ProfileReport: Report {
  public var batch: Int
  /// Name and version of what ran the model.
  public var runtime: String
  public var latencyMilliseconds: LatencySummary
  /// Samples in a second, at the median latency.
  public var throughput: Double
  public var layers: [Layer]
  /// Energy of one run; nil where the machine does not tell.
  public var energyJoules: Double?
  public var runs: Int?
  public var threads: Int?
  public var model: String?
  public var warnings: [String]

  public init(
    batch: Int, runtime: String, latencyMilliseconds: LatencySummary, throughput: Double,
    layers: [Layer], energyJoules: Double?, runs: Int? = nil, threads: Int? = nil,
    model: String? = nil, warnings: [String] = []
  ) {
    self.batch = batch
    self.runtime = runtime
    self.latencyMilliseconds = latencyMilliseconds
    self.throughput = throughput
    self.layers = layers
    self.energyJoules = energyJoules
    self.runs = runs
    self.threads = threads
    self.model = model
    self.warnings = warnings
  }

  /// The time of one step of the compiled model.
  public struct Layer: Codable, Sendable, Hashable {
    public var name: String
    public var `operator`: String
    public var milliseconds: Double
    public var macs: Int?

    public init(name: String, operator: String, milliseconds: Double, macs: Int?) {
      self.name = name
      self.operator = `operator`
      self.milliseconds = milliseconds
      self.macs = macs
    }
  }
}
