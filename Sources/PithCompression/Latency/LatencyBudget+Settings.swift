extension LatencyBudget {
  /// The settings of methods that keep to a budget of time.
  static let settings = [
    Setting(
      "latency", .number(0.0001...1), default: nil,
      help: "share of the time of a run to keep, as measured on this machine"),
    Setting(
      "latency-batch", .wholeNumber(1...65_536), default: .wholeNumber(1),
      help: "samples of the runs that the latency is measured with"),
  ]
}
