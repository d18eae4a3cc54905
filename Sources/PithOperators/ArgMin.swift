import PithGraph

/// The place of the smallest element along one axis.
public struct ArgMin: ExtremePlaceOperator {
  public static let name = "ArgMin"
  public static var isMinimum: Bool { true }
  public let options: ExtremePlaceOptions

  public init(_ options: ExtremePlaceOptions) { self.options = options }
}
