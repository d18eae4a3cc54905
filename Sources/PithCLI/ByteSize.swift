import ArgumentParser

/// A number of bytes as people write it: `500MB`, `2 GB`, `1.5GiB`, `4096`.
struct ByteSize: ExpressibleByArgument {
  let bytes: Int

  private static let units: [(String, Double)] = [
    ("KIB", 1024), ("MIB", 1_048_576), ("GIB", 1_073_741_824), ("KB", 1e3), ("MB", 1e6),
    ("GB", 1e9), ("B", 1),
  ]

  init?(argument: String) {
    let text = argument.uppercased()
    let (unit, factor) = Self.units.first { text.hasSuffix($0.0) } ?? ("", 1)
    let digits = text.dropLast(unit.count).trimming(while: { $0 == " " })
    guard let number = Double(digits), number.isFinite, number * factor >= 1,
      number * factor <= 1e18
    else { return nil }
    bytes = Int(number * factor)
  }
}

extension Substring {
  fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> Substring {
    var text = self
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return text
  }
}
