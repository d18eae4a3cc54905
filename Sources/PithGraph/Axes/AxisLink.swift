/// Places of one axis that go together with places of another: whoever removes one of a pair must
/// remove the other.
public struct AxisLink: Sendable, Hashable {
  /// `count` pairs of places at even distances.
  public struct Run: Sendable, Hashable {
    public var first: Int
    public var second: Int
    public var count: Int
    public var firstStep: Int
    public var secondStep: Int

    public init(
      _ first: Int, _ second: Int, count: Int, firstStep: Int = 1, secondStep: Int = 1
    ) {
      self.first = first
      self.second = second
      self.count = count
      self.firstStep = firstStep
      self.secondStep = secondStep
    }
  }

  public let first: OperandAxis
  public let second: OperandAxis
  public let runs: [Run]
}

/// Elements under two groupings of the same factors: a reshape. Factor f lies in one axis of
/// each side, and an axis is the row-major product of the factors in its range.
///
/// Of an axis made of several factors, only the places that differ in one of them can be removed
/// together; which one, the network around it decides.
public struct AxisFactoring: Sendable, Hashable {
  public struct Side: Sendable, Hashable {
    public let axis: OperandAxis
    /// Factors that the axis is the product of.
    public let factors: Range<Int>
  }

  /// Extents of the factors, outermost first.
  public let sizes: [Int]
  public let before: [Side]
  public let after: [Side]
}
