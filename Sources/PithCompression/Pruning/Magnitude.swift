/// |w|: small weights matter least (Han et al. 2015).
public struct Magnitude: PruningCriterion {
  public static let name = "magnitude"
  public static let summary = "the absolute value of a weight"

  public static func scores(_ weights: [Float]) -> [Float] { weights.map(\.magnitude) }
}
