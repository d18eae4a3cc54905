/// Everything that is wrong with a recipe, told at once.
public struct RecipeError: Error, Sendable, Hashable, CustomStringConvertible {
  public struct Fault: Sendable, Hashable {
    /// Counted from 1; nil where no line is to blame.
    public let line: Int?
    public let reason: String
  }

  /// The recipe's file, or the preset's name.
  public let source: String
  public let faults: [Fault]

  public init(source: String, faults: [Fault]) {
    self.source = source
    self.faults = faults
  }

  public var description: String {
    if faults.count == 1, let fault = faults.first {
      return "\(source)\(fault.line.map { ":\($0)" } ?? ""): \(fault.reason)"
    }
    let lines = faults.map { fault in
      "\n  \(fault.line.map { "line \($0): " } ?? "")\(fault.reason)"
    }
    return "\(source): \(faults.count) faults" + lines.joined()
  }
}
