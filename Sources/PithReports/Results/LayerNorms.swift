/// How large the filters of a layer are.
public struct LayerNorms: Codable, Sendable, Hashable {
  public var name: String
  /// The sum of the magnitudes of each filter's weights, the largest first.
  public var l1: [Double]

  /// - Parameter l1: in any order; what is not finite is left out.
  public init(name: String, l1: [Double]) {
    self.name = name
    self.l1 = l1.filter(\.isFinite).sorted(by: >)
  }

  /// Each norm as a share of the largest; zeros where all are zero.
  public var shares: [Double] {
    guard let largest = l1.first, largest > 0 else { return l1.map { _ in 0 } }
    return l1.map { $0 / largest }
  }

  /// The norm that a share of the filters does not exceed, between two of them by the line through
  /// them; nil without filters.
  public func quantile(_ share: Double) -> Double? {
    guard !l1.isEmpty else { return nil }
    let place = (1 - min(max(share, 0), 1)) * Double(l1.count - 1)
    let (low, rest) = (Int(place), place - place.rounded(.down))
    return l1[low] + rest * (l1[min(low + 1, l1.count - 1)] - l1[low])
  }
}
