/// Which axes of an operator's inputs and outputs move together when places of them are removed.
///
/// An operator mentions the axes along which places can be removed; all others are frozen. To be
/// removable a place may be linked with places of other axes, be summed away, or matter to nobody
/// (`free`). Removing a set of places closed under all links, and zeros where axes are summed, must
/// give the same values in the places that remain.
public struct AxisLinks: Sendable {
  public private(set) var links: [AxisLink] = []
  public private(set) var factorings: [AxisFactoring] = []
  /// Axes of inputs that a sum runs over: a zero there is as good as a place removed.
  public private(set) var summed: Set<OperandAxis> = []
  /// Axes of which places may be removed although they are linked with nothing.
  public private(set) var free: Set<OperandAxis> = []
  /// Axes that a network means to be removed from first where a reshape leaves the choice: the
  /// heads of an attention.
  public private(set) var preferred: Set<OperandAxis> = []
  /// Axes that must stay whole, with the reason.
  public private(set) var frozen: [OperandAxis: String] = [:]
  /// Why the axes that are not mentioned must stay whole.
  public let reason: String

  public init(reason: String = "works along this axis as a whole") { self.reason = reason }

  /// Nothing is known: every axis stays whole.
  public static var none: AxisLinks { AxisLinks(reason: "does not tell which axes go together") }

  /// Places of `first` go with places of `second` as the runs tell.
  public mutating func link(_ first: OperandAxis, _ second: OperandAxis, _ runs: [AxisLink.Run]) {
    free.formUnion([first, second])
    links.append(AxisLink(first: first, second: second, runs: runs.filter { $0.count > 0 }))
  }

  /// Place i of `first` goes with place i of `second`, for `count` places.
  public mutating func link(_ first: OperandAxis, _ second: OperandAxis, count: Int) {
    link(first, second, [AxisLink.Run(0, 0, count: count)])
  }

  /// The elements of `before` are those of `after` under another shape.
  public mutating func factor(_ factoring: AxisFactoring) {
    free.formUnion((factoring.before + factoring.after).map(\.axis))
    factorings.append(factoring)
  }

  public mutating func sum(over axis: OperandAxis) {
    free.insert(axis)
    summed.insert(axis)
  }

  public mutating func free(_ axis: OperandAxis) { free.insert(axis) }

  public mutating func prefer(_ axis: OperandAxis) { preferred.insert(axis) }

  public mutating func freeze(_ axis: OperandAxis, because reason: String) {
    if frozen[axis] == nil { frozen[axis] = reason }
  }

  /// Why places of an axis cannot be removed; nil where they can.
  public func reason(against axis: OperandAxis) -> String? {
    frozen[axis] ?? (free.contains(axis) ? nil : reason)
  }
}
