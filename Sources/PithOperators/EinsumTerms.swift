import PithGraph

/// What an axis of an Einsum operand is called: a letter, or a place in the ellipsis, counted from
/// its end.
enum EinsumLabel: Sendable, Hashable {
  case letter(UInt8)
  case ellipsis(Int)

  var isEllipsis: Bool {
    if case .ellipsis = self { true } else { false }
  }
}

/// An Einsum equation.
struct EinsumTerms: Sendable, Hashable {
  /// Letters, or nil where the ellipsis stands.
  private typealias Term = [UInt8?]
  private let operands: [Term]
  /// Nil to take the letters that occur once, in alphabetical order, behind the ellipsis.
  private let result: Term?

  init?(_ equation: String) {
    let text = equation.utf8.filter { $0 != UInt8(ascii: " ") }
    var sides: [[UInt8]] = [[]]
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "-") {
        guard index + 1 < text.count, text[index + 1] == UInt8(ascii: ">"), sides.count == 1 else {
          return nil
        }
        sides.append([])
        index += 2
      } else {
        sides[sides.count - 1].append(text[index])
        index += 1
      }
    }
    var operands: [Term] = []
    for part in sides[0].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let term = Self.term(Array(part)) else { return nil }
      operands.append(term)
    }
    self.operands = operands
    guard sides.count == 2 else {
      result = nil
      return
    }
    let known = Set(operands.flatMap(\.self))
    guard let term = Self.term(sides[1]), Set(term).count == term.count,
      term.allSatisfy(known.contains)
    else { return nil }
    result = term
  }

  private static func term(_ text: [UInt8]) -> Term? {
    var term: Term = []
    var index = 0
    while index < text.count {
      let letter = text[index]
      switch letter {
      case UInt8(ascii: "."):
        guard index + 2 < text.count, text[index + 1] == letter, text[index + 2] == letter,
          !term.contains(nil)
        else { return nil }
        term.append(nil)
        index += 3
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        term.append(letter)
        index += 1
      default: return nil
      }
    }
    return term
  }

  /// The name of each axis of operands of the given ranks, and of the result.
  func labels(_ ranks: [Int]) throws(ShapeError) -> (
    operands: [[EinsumLabel]], result: [EinsumLabel]
  ) {
    guard ranks.count == operands.count else {
      throw .mismatch("\(ranks.count) operands, the equation has \(operands.count)")
    }
    var named: [[EinsumLabel]] = []
    var longest = 0
    for (index, term) in operands.enumerated() {
      let letters = term.count { $0 != nil }
      let rest = ranks[index] - letters
      guard rest == 0 || (rest > 0 && term.contains(nil)) else {
        throw .rank(input: index, expected: String(letters), actual: ranks[index])
      }
      longest = max(longest, rest)
      named.append(Self.spelled(term, ellipsis: rest))
    }
    if let result { return (named, Self.spelled(result, ellipsis: longest)) }
    var counts: [UInt8: Int] = [:]
    for case let letter? in operands.flatMap(\.self) { counts[letter, default: 0] += 1 }
    let once = counts.filter { $0.value == 1 }.keys.sorted()
    return (named, Self.spelled([nil] + once.map { $0 }, ellipsis: longest))
  }

  private static func spelled(_ term: Term, ellipsis count: Int) -> [EinsumLabel] {
    term.flatMap { letter in
      letter.map { [.letter($0)] } ?? (0..<count).reversed().map(EinsumLabel.ellipsis)
    }
  }
}
