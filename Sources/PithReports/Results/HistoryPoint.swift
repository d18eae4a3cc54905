/// A moment of a compression run, for the picture of accuracy against size.
public struct HistoryPoint: Codable, Sendable, Hashable {
  /// What was done to come here: `original`, `pruning`, `weight-sharing`.
  public var label: String
  /// Bytes of the smallest file that holds the model.
  public var bytes: Int
  public var top1: Double?

  public init(label: String, bytes: Int, top1: Double?) {
    self.label = label
    self.bytes = bytes
    self.top1 = top1
  }
}
