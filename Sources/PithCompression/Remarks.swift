/// What a method tells beside the network it gives back.
public struct Remarks: Sendable, Hashable {
  /// What was done and found.
  public var notes: [String]
  /// Where less came of it than was asked for.
  public var warnings: [String]

  public init(notes: [String] = [], warnings: [String] = []) {
    self.notes = notes
    self.warnings = warnings
  }

  public static func += (remarks: inout Remarks, more: Remarks) {
    remarks.notes += more.notes
    remarks.warnings += more.warnings
  }

  public static func + (first: Remarks, second: Remarks) -> Remarks {
    var sum = first
    sum += second
    return sum
  }
}
