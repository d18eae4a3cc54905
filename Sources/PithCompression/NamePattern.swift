import Foundation

/// A layer's name in which * stands for any letters.
struct NamePattern: Sendable, Hashable {
  private let parts: [Substring]

  init(_ pattern: String) {
    parts = Substring(pattern).split(separator: "*", omittingEmptySubsequences: false)
  }

  func matches(_ name: String) -> Bool {
    guard let first = parts.first, let last = parts.last else { return name.isEmpty }
    guard parts.count > 1 else { return name == first }
    guard name.hasPrefix(first), name.hasSuffix(last), name.count >= first.count + last.count else {
      return false
    }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
