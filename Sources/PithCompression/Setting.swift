/// One thing that a user can set on a method: a key of the recipe, a line of `pith methods`.
public struct Setting: Sendable, Hashable {
  /// The recipe's key: lower case words joined by hyphens.
  public let name: String
  public let kind: Kind
  /// What holds where the recipe says nothing; nil leaves the setting unset.
  public let defaultValue: SettingValue?
  /// One sentence, without a full stop, in the user's words.
  public let help: String

  /// The values that a setting can take.
  public indirect enum Kind: Sendable, Hashable {
    case number(ClosedRange<Double>)
    case wholeNumber(ClosedRange<Int>)
    /// One of the given words.
    case word([String])
    case flag
    /// Any text: a file, a layer's name.
    case text
    /// Several values of one kind; a single value stands for a list of one.
    case list(Kind)
    /// Names, each with a value of one kind.
    case mapping(Kind)
  }

  public init(_ name: String, _ kind: Kind, default defaultValue: SettingValue?, help: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
  }

  /// A setting whose values are the cases of an enumeration.
  public init<Word: RawRepresentable & CaseIterable>(
    _ name: String, oneOf: Word.Type, default word: Word, help: String
  ) where Word.RawValue == String {
    self.init(
      name, .word(Word.allCases.map(\.rawValue)), default: .word(word.rawValue), help: help)
  }

  /// The value as this setting means it, or what is wrong with it.
  public func checked(_ value: SettingValue) throws(SettingError) -> SettingValue {
    guard let value = kind.accepted(value) else {
      throw .notAccepted(setting: name, value: value.description, expected: kind.description)
    }
    return value
  }
}

extension Setting.Kind: CustomStringConvertible {
  /// What a user may write: "a number from 0 to 1".
  public var description: String {
    switch self {
    case .number(let range):
      switch (range.lowerBound.isFinite, range.upperBound < .greatestFiniteMagnitude) {
      case (true, true):
        "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
      case (true, false): "a number of \(plain(range.lowerBound)) or more"
      default: "a number"
      }
    case .wholeNumber(let range):
      range.upperBound == .max
        ? "a whole number of \(range.lowerBound) or more"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .word(let words): "one of " + words.joined(separator: ", ")
    case .flag: "true or false"
    case .text: "text"
    case .list(let kind): "a list, each \(kind)"
    case .mapping(let kind): "a mapping {name: value}, each value \(kind)"
    }
  }

  /// The value in this kind's own form (a whole number where a number is asked for becomes one),
  /// or nil where it does not fit.
  func accepted(_ value: SettingValue) -> SettingValue? {
    switch (self, value) {
    case (.number(let range), .number(let number)): range.contains(number) ? value : nil
    case (.number(let range), .wholeNumber(let number)):
      range.contains(Double(number)) ? .number(Double(number)) : nil
    case (.wholeNumber(let range), .wholeNumber(let number)): range.contains(number) ? value : nil
    case (.word(let words), .word(let word)): words.contains(word) ? value : nil
    case (.flag, .flag): value
    case (.text, .word): value
    case (.text, .wholeNumber(let number)): .word(String(number))
    case (.list(let kind), .list(let values)): kind.accepted(all: values)
    case (.mapping(let kind), .mapping(let values)): kind.accepted(all: values)
    case (.list(let kind), let value): kind.accepted(value).map { .list([$0]) }
    default: nil
    }
  }

  private func accepted(all values: [String: SettingValue]) -> SettingValue? {
    let accepted = values.compactMapValues(accepted)
    return accepted.count == values.count ? .mapping(accepted) : nil
  }

  private func accepted(all values: [SettingValue]) -> SettingValue? {
    let accepted = values.compactMap(accepted)
    return accepted.count == values.count ? .list(accepted) : nil
  }
}

/// Why a value of a setting was refused.
public enum SettingError: Error, Sendable, Hashable, CustomStringConvertible {
  case unknown(setting: String, nearest: String?)
  case notAccepted(setting: String, value: String, expected: String)
  case missing(setting: String)
  /// Two settings that cannot hold together, or another rule of the method.
  case conflict(String)

  public var description: String {
    switch self {
    case .unknown(let setting, let nearest):
      "unknown setting '\(setting)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .notAccepted(let setting, let value, let expected):
      "\(setting) is \(value), expected \(expected)"
    case .missing(let setting): "\(setting) is not set and has no default"
    case .conflict(let reason): reason
    }
  }
}

private func plain(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e9 ? String(Int(number)) : String(number)
}
