/// How a piece of text stands out in a terminal.
public enum TextStyle: Sendable, Hashable {
  case plain, bold, faint, good, bad, accent

  /// Whether colour may be written, as https://no-color.org asks: on a terminal that can show it,
  /// and where `NO_COLOR` is unset or empty.
  public static func isColorAllowed(onTerminal: Bool, environment: [String: String]) -> Bool {
    onTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  /// The text between the codes of this style.
  func apply(to text: String) -> String {
    switch self {
    case .plain: text
    case .bold: "\u{1b}[1m\(text)\u{1b}[0m"
    case .faint: "\u{1b}[2m\(text)\u{1b}[0m"
    case .good: "\u{1b}[32m\(text)\u{1b}[0m"
    case .bad: "\u{1b}[31m\(text)\u{1b}[0m"
    case .accent: "\u{1b}[36m\(text)\u{1b}[0m"
    }
  }
}
