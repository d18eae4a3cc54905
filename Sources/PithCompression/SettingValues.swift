/// The value of one setting.
public indirect enum SettingValue: Sendable, Hashable {
  case number(Double)
  case wholeNumber(Int)
  case word(String)
  case flag(Bool)
  case list([SettingValue])
  case mapping([String: SettingValue])
}

extension SettingValue: CustomStringConvertible {
  /// The value as a recipe writes it.
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .wholeNumber(let number): "\(number)"
    case .word(let word): word
    case .flag(let flag): "\(flag)"
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .mapping(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}"
    }
  }
}

/// A value for every setting of a method: those that were given, and defaults for the rest.
///
/// The typed readers throw where a setting has neither a value nor a default, or is read as another
/// type than it was declared with.
public struct SettingValues: Sendable, Hashable {
  public let settings: [Setting]
  private var values: [String: SettingValue]

  /// Checks the given values against the settings that a method declares.
  public init(
    _ settings: [Setting], given: [String: SettingValue] = [:]
  ) throws(SettingError) {
    self.settings = settings
    values = [:]
    for setting in settings {
      values[setting.name] = setting.defaultValue
    }
    for name in given.keys.sorted() {
      guard let value = given[name] else { continue }
      guard let setting = settings.first(where: { $0.name == name }) else {
        throw .unknown(setting: name, nearest: nearestWord(to: name, in: settings.map(\.name)))
      }
      values[name] = try setting.checked(value)
    }
  }

  public subscript(name: String) -> SettingValue? { values[name] }

  /// Every setting that has a value, in the order in which the method declares them.
  public var resolved: [(name: String, value: SettingValue)] {
    settings.compactMap { setting in values[setting.name].map { (setting.name, $0) } }
  }

  public func number(_ name: String) throws(SettingError) -> Double {
    switch values[name] {
    case .number(let number): return number
    case .wholeNumber(let number): return Double(number)
    default: throw .missing(setting: name)
    }
  }

  public func wholeNumber(_ name: String) throws(SettingError) -> Int {
    guard case .wholeNumber(let number) = values[name] else { throw .missing(setting: name) }
    return number
  }

  public func flag(_ name: String) throws(SettingError) -> Bool {
    guard case .flag(let flag) = values[name] else { throw .missing(setting: name) }
    return flag
  }

  public func text(_ name: String) throws(SettingError) -> String {
    guard case .word(let word) = values[name] else { throw .missing(setting: name) }
    return word
  }

  /// The case of an enumeration that a setting made by `Setting.init(_:oneOf:default:help:)` names.
  public func word<Word: RawRepresentable>(
    _ name: String, as _: Word.Type = Word.self
  ) throws(SettingError) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(name)) else { throw .missing(setting: name) }
    return word
  }

  public func list(_ name: String) throws(SettingError) -> [SettingValue] {
    guard case .list(let values) = values[name] else { throw .missing(setting: name) }
    return values
  }

  public func mapping(_ name: String) throws(SettingError) -> [String: SettingValue] {
    guard case .mapping(let values) = values[name] else { throw .missing(setting: name) }
    return values
  }
}
