import PithGraph

/// The place of the largest element along one axis.
public struct ArgMax: ExtremePlaceOperator {
  public static let name = "ArgMax"
  public static var isMinimum: Bool { false }
  public let options: ExtremePlaceOptions

  public init(_ options: ExtremePlaceOptions) { self.options = options }
}
