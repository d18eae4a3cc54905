/// One extent of a value's shape, as far as it is known before the graph is compiled.
public enum Dimension: Sendable, Hashable {
  case fixed(Int)
  /// Known only by name, such as a batch size `N`; equal names mean equal extents.
  case named(String)
  /// Depends on a named extent in a way that is not followed.
  case unknown

  public var size: Int? {
    if case .fixed(let size) = self { size } else { nil }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .fixed(value) }
}

extension Dimension: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fixed(let size): String(size)
    case .named(let name): name
    case .unknown: "?"
    }
  }
}
