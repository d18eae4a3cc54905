/// One extent of a shape: a number, or a name where the model leaves it open.
public enum Dimension: Sendable, Hashable, Codable, CustomStringConvertible {
  case fixed(Int)
  case named(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let extent = try? container.decode(Int.self) {
      self = .fixed(extent)
    } else {
      self = .named(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .fixed(let extent): try container.encode(extent)
    case .named(let name): try container.encode(name)
    }
  }

  public var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .named(let name): name
    }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .fixed(value) }
}

extension Dimension: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .named(value) }
}
