/// One step of a recipe: what was asked, and the model before and after it.
public struct StepRecord: Codable, Sendable, Hashable {
  /// The recipe word of the method.
  public var method: String
  /// Every setting, resolved, by its recipe word.
  public var settings: [String: SettingValue]
  public var before: Measurements
  public var after: Measurements
  public var seconds: Double
  /// What the method told of its work; nil in runs of versions that did not keep it.
  public var notes: [String]?

  public init(
    method: String, settings: [String: SettingValue], before: Measurements, after: Measurements,
    seconds: Double, notes: [String] = []
  ) {
    self.method = method
    self.settings = settings
    self.before = before
    self.after = after
    self.seconds = seconds
    self.notes = notes
  }

  /// Whether weights were trained, and not only compressed.
  var trains: Bool {
    if case .integer(let epochs)? = settings["epochs"] { epochs > 0 } else { false }
  }
}
