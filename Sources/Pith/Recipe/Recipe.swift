public import Foundation
public import PithCompression
public import PithData

/// What to compress, with what data, and how: the contents of a recipe file, checked.
public struct Recipe: Sendable {
  /// The model's file.
  public var model: URL?
  /// `FORMAT:PATH`, its path absolute.
  public var data: String?
  /// Nil for what suits the data's values.
  public var preprocess: Preprocessing?
  /// Nil for what suits the data's format.
  public var augment: Augmentation?
  /// Training samples held out for choices; nil for a tenth, at most 5000.
  public var validation: Int?
  public var seed: UInt64 = 1
  /// Whether the uncompressed network is trained by the same steps too, to compare with.
  public var control = false
  public var target = Target()
  public var steps: [Step] = []

  public init() {}

  /// What the result must keep to; missing it ends with a warning and status 3.
  public struct Target: Sendable, Hashable {
    /// Fraction of top-1 accuracy that may be lost.
    public var accuracyLoss: Double?
    /// Bytes that the smaller of the two files may take.
    public var bytes: Int?

    public init() {}
  }

  /// One method with all its settings.
  public struct Step: Sendable {
    public let type: any CompressionMethod.Type
    public let values: SettingValues

    public var name: String { type.name }

    /// Throws where settings do not fit the method or each other.
    public init(_ type: any CompressionMethod.Type, _ values: SettingValues) throws(SettingError) {
      _ = try type.init(values)
      self.type = type
      self.values = values
    }
  }
}
