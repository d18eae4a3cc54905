import PithTensors

/// The dictionary at the head of an NPY file, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NumPyHeader {
  private(set) var type = ""
  private(set) var isFortranOrder = false
  private(set) var shape: Shape = []

  /// Nil where it is not just those three entries, each once.
  init?(_ text: ArraySlice<UInt8>) {
    var scanner = Scanner(rest: text)
    var seen: Set<String> = []
    guard scanner.take("{") else { return nil }
    while !scanner.take("}") {
      guard let key = scanner.quoted(), seen.insert(key).inserted, scanner.take(":") else {
        return nil
      }
      switch key {
      case "descr":
        guard let value = scanner.quoted() else { return nil }
        type = value
      case "fortran_order":
        if scanner.take("True") {
          isFortranOrder = true
        } else if !scanner.take("False") {
          return nil
        }
      case "shape":
        guard let extents = scanner.tuple() else { return nil }
        shape = Shape(extents)
      default: return nil
      }
      if !scanner.take(",") && !scanner.next(is: "}") { return nil }
    }
    guard seen.count == 3, scanner.isAtEnd else { return nil }
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x0a } }

    var isAtEnd: Bool { rest.allSatisfy { $0 == 0x20 || $0 == 0x0a } }

    mutating func next(is word: String) -> Bool {
      skipSpace()
      return rest.starts(with: word.utf8)
    }

    mutating func take(_ word: String) -> Bool {
      guard next(is: word) else { return false }
      rest = rest.dropFirst(word.utf8.count)
      return true
    }

    mutating func quoted() -> String? {
      guard next(is: "'") || next(is: "\""), let mark = rest.first else { return nil }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: mark) else { return nil }
      let text = String(decoding: rest[..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      return text
    }

    mutating func number() -> Int? {
      skipSpace()
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count)
      return Int(String(decoding: digits, as: UTF8.self))
    }

    mutating func tuple() -> [Int]? {
      guard take("(") else { return nil }
      var extents: [Int] = []
      while !take(")") {
        guard let extent = number() else { return nil }
        extents.append(extent)
        if !take(",") && !next(is: ")") { return nil }
      }
      return extents
    }
  }
}
