/// What came of trying a threshold for each layer.
public struct ProbeOutcome: Sendable, Hashable, Codable {
  public var thresholds: [Double]
  /// Share of the validation samples that are told right, 0...1.
  public var accuracy: Double
  /// Share of the parameters that are left, zeros not counted.
  public var parameters: Double
  /// Share of the multiply-accumulates that are left, those with zeros not counted.
  public var macs: Double
  /// Share of the time at batch 1 that is left; nil where it was not measured.
  public var time: Double?

  public init(
    thresholds: [Double], accuracy: Double, parameters: Double, macs: Double, time: Double? = nil
  ) {
    self.thresholds = thresholds
    self.accuracy = accuracy
    self.parameters = parameters
    self.macs = macs
    self.time = time
  }

  /// What is left of what is to become small.
  public func cost(_ objective: SearchObjective) -> Double {
    switch objective {
    case .parameters: parameters
    case .macs: macs
    case .latency: time ?? 1
    }
  }
}

/// What a search makes small.
public enum SearchObjective: String, Sendable, CaseIterable {
  case parameters, macs, latency
}
