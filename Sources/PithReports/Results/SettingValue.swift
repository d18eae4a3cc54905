/// The value of one setting of a method, as a recipe states it.
public enum SettingValue: Sendable, Hashable, Codable, CustomStringConvertible {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([SettingValue])
  case mapping([String: SettingValue])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([String: SettingValue].self) {
      self = .mapping(values)
    } else {
      self = .list(try container.decode([SettingValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .flag(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .mapping(let values): try container.encode(values)
    }
  }

  /// The value in the words of a recipe.
  public var description: String {
    switch self {
    case .none: "none"
    case .flag(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value == value.rounded() ? Format.plain(value) : String(value)
    case .text(let value): value
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .mapping(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}"
    }
  }
}

extension SettingValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: SettingValue...) { self = .list(elements) }
}
