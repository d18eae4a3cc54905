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
  /// Bytes of the one block that all intermediate values share.
  public var arenaBytes: Int?
  /// Measured where it was asked for.
  public var peak: Peak?
  public var warnings: [String]

  /// What the machine can do at best.
  public struct Peak: Codable, Sendable, Hashable {
    /// Multiply-accumulates of float32, of a large matrix product.
    public var macsPerSecond: Double
    /// Bytes read and written, of a large copy.
    public var bytesPerSecond: Double

    public init(macsPerSecond: Double, bytesPerSecond: Double) {
      self.macsPerSecond = macsPerSecond
      self.bytesPerSecond = bytesPerSecond
    }

    /// The least time a layer could take: for its arithmetic or for moving its data, whichever is
    /// longer.
    public func floorMilliseconds(of layer: Layer) -> Double {
      let (macs, bytes) = (Double(layer.macs ?? 0), Double(layer.bytes ?? 0))
      return 1000 * max(macs / macsPerSecond, bytes / bytesPerSecond)
    }
  }

  public init(
    batch: Int, runtime: String, latencyMilliseconds: LatencySummary, throughput: Double,
    layers: [Layer], energyJoules: Double?, runs: Int? = nil, threads: Int? = nil,
    model: String? = nil, arenaBytes: Int? = nil, peak: Peak? = nil, warnings: [String] = []
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
    self.arenaBytes = arenaBytes
    self.peak = peak
    self.warnings = warnings
  }

  /// The time of one step of the compiled model.
  public struct Layer: Codable, Sendable, Hashable {
    public var name: String
    public var `operator`: String
    public var milliseconds: Double
    public var macs: Int?
    /// The kernel, as its library calls it, and the layout of what it makes.
    public var implementation: String?
    public var layout: String?
    /// Bytes read and written.
    public var bytes: Int?

    public init(
      name: String, operator: String, milliseconds: Double, macs: Int?,
      implementation: String? = nil, layout: String? = nil, bytes: Int? = nil
    ) {
      self.name = name
      self.operator = `operator`
      self.milliseconds = milliseconds
      self.macs = macs
      self.implementation = implementation
      self.layout = layout
      self.bytes = bytes
    }
  }
}
