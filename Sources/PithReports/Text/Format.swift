public import Foundation

/// Numbers as people read them: three digits that count, decimal units, `—` for what is unknown.
///
/// Nothing here depends on the language of the machine.
public enum Format {
  /// What stands for a value that was not measured.
  public static let missing = "—"

  /// `412 B`, `90.3 KB`, `13.1 MB`; 1 MB is 1,000,000 bytes.
  public static func bytes(_ count: Int?) -> String {
    guard let count else { return missing }
    guard count.magnitude >= 1000 else { return "\(count) B" }
    return scaled(Double(count), units: ["B", "KB", "MB", "GB", "TB", "PB", "EB"])
  }

  /// A round size, as it stands beside an axis: `500 B`, `20 KB`, `1 MB`.
  static func roundBytes(_ count: Double) -> String {
    var (rest, units) = (count, ["B", "KB", "MB", "GB", "TB", "PB", "EB"][...])
    while rest >= 999.5, units.count > 1 {
      rest /= 1000
      units.removeFirst()
    }
    return "\(plain((rest * 100).rounded() / 100)) \(units.first ?? "")"
  }

  /// `9,216` in full, larger numbers as `41.2 k`, `3.27 M`.
  public static func count(_ count: Int?) -> String {
    guard let count else { return missing }
    guard count.magnitude >= 10_000 else { return exact(count) }
    return scaled(Double(count), units: ["", "k", "M", "G", "T", "P", "E"])
  }

  /// `3,274,634`.
  public static func exact(_ count: Int?) -> String {
    guard let count else { return missing }
    var digits = String(count.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (count < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A fraction in percent: `99.33 %`.
  public static func percent(_ fraction: Double?, decimals: Int = 2) -> String {
    guard let fraction, fraction.isFinite else { return missing }
    return fixed(fraction * 100, decimals: decimals) + " %"
  }

  /// A difference of fractions in percentage points: `+0.02 pp`, `−1.50 pp`, `0.00 pp`.
  public static func points(_ difference: Double?, decimals: Int = 2) -> String {
    guard let difference, difference.isFinite else { return missing }
    return signed(difference * 100, decimals: decimals) + " pp"
  }

  /// `145×`, `14.5×`, `1.92×`.
  public static func ratio(_ value: Double?) -> String {
    guard let value, value.isFinite else { return missing }
    return significant(value) + "×"
  }

  /// A time in milliseconds: `0.412 ms`, `25.1 ms`, `1,520 ms`.
  public static func milliseconds(_ value: Double?) -> String {
    guard let value, value.isFinite else { return missing }
    return significant(value) + " ms"
  }

  /// `0.42 s`, `12.3 s`, `3 min 05 s`, `1 h 02 min`, `2 d 03 h`.
  public static func duration(_ seconds: Double?) -> String {
    guard let seconds, seconds.isFinite, seconds >= 0 else { return missing }
    if seconds < 10 { return fixed(seconds, decimals: 2) + " s" }
    if seconds < 59.95 { return fixed(seconds, decimals: 1) + " s" }
    let whole = wholeSeconds(seconds)
    let (minutes, hours) = (whole / 60, whole / 3600)
    if hours >= 24 { return "\(hours / 24) d \(padded(hours % 24)) h" }
    if hours > 0 { return "\(hours) h \(padded(minutes % 60)) min" }
    return "\(minutes) min \(padded(whole % 60)) s"
  }

  /// `0:42`, `12:05`, `1:02:03`.
  public static func clock(_ seconds: Double?) -> String {
    guard let seconds, seconds.isFinite, seconds >= 0 else { return "–:––" }
    let whole = wholeSeconds(seconds)
    let tail = "\(padded(whole % 60))"
    return whole >= 3600
      ? "\(whole / 3600):\(padded(whole / 60 % 60)):\(tail)" : "\(whole / 60):\(tail)"
  }

  /// `0.0213`: a number with four decimals, for losses.
  public static func loss(_ value: Double?) -> String {
    guard let value, value.isFinite else { return missing }
    return fixed(value, decimals: 4)
  }

  /// Bits of one weight: `5`, `3.2`.
  public static func bits(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    let text = fixed(value, decimals: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A number with a sign and fixed decimals; what rounds to zero has no sign.
  public static func signed(_ value: Double, decimals: Int) -> String {
    let text = fixed(value, decimals: decimals)
    return text.hasPrefix("−") || !text.contains(where: { "123456789".contains($0) })
      ? text : "+" + text
  }

  /// A number with fixed decimals and a true minus sign; never `−0.00`.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return missing }
    let text = String(format: "%.\(Swift.max(0, decimals))f", value)
    guard text.hasPrefix("-") else { return text }
    let isZero = !text.contains { "123456789".contains($0) }
    return (isZero ? "" : "−") + text.dropFirst()
  }

  /// Three digits that count: `1.92`, `14.5`, `145`, `1,450`.
  public static func significant(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    let magnitude = value.magnitude
    switch magnitude {
    case 0: return "0"
    case ..<0.000_1: return String(format: "%.1e", value)
    case ..<0.999_5:
      return fixed(value, decimals: 2 - Int(log10(magnitude * 1.000_5).rounded(.down)))
    case ..<9.995: return fixed(value, decimals: 2)
    case ..<99.95: return fixed(value, decimals: 1)
    case ..<1e15: return exact(Int(value.rounded()))
    default: return String(format: "%.2e", value)
    }
  }

  /// A number with no more decimals than it needs: `0.9`, `5`, `1e-05`.
  public static func plain(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    let isWhole = value == value.rounded() && value.magnitude < 1e15
    return isWhole ? String(Int(value)) : "\(value)"
  }

  /// A moment in Coordinated Universal Time: `2025-03-31 14:05 UTC`.
  public static func timestamp(_ date: Date) -> String {
    let text = date.formatted(.iso8601)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(5) + " UTC"
  }

  /// Extents with signs between them: `32×1×5×5`.
  public static func shape(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  private static func scaled(_ value: Double, units: [String]) -> String {
    var (rest, index) = (value, 0)
    while rest.magnitude >= 999.5, index + 1 < units.count {
      rest /= 1000
      index += 1
    }
    return "\(significant(rest)) \(units[index])".trimmingCharacters(in: .whitespaces)
  }

  private static func wholeSeconds(_ seconds: Double) -> Int {
    Int(Swift.min(seconds.rounded(), 1e12))
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
