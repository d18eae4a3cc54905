/// The distinct elements of a tensor, in rising order, and for each element its place among them.
struct Palette {
  static let largest = 256

  let format: ElementFormat
  /// The bits of the distinct elements, in rising order of value.
  let entries: [UInt64]
  /// For each element the index of its entry.
  let symbols: [UInt8]
  /// How often each entry occurs.
  let counts: [Int]

  /// The palette of a tensor, or nil when it has more than 256 distinct elements or none.
  init?(_ elements: ElementBytes) {
    format = elements.format
    var table = DistinctTable()
    var found = [UInt8](repeating: 0, count: elements.count)
    var counts = [Int](repeating: 0, count: Palette.largest)
    var fits = elements.count > 0
    found.withUnsafeMutableBufferPointer { found in
      counts.withUnsafeMutableBufferPointer { counts in
        elements.forEach { index, bits in
          guard let place = table.place(of: bits) else {
            fits = false
            return false
          }
          found[index] = UInt8(place)
          counts[place] += 1
          return true
        }
      }
    }
    guard fits else { return nil }
    let format = elements.format
    let order = table.entries.indices.sorted {
      format.rank(of: table.entries[$0]) < format.rank(of: table.entries[$1])
    }
    var symbolOfPlace = [UInt8](repeating: 0, count: Palette.largest)
    for (symbol, place) in order.enumerated() { symbolOfPlace[place] = UInt8(symbol) }
    entries = order.map { table.entries[$0] }
    symbols = found.map { symbolOfPlace[Int($0)] }
    self.counts = order.map { counts[$0] }
  }

  /// The symbol that occurs most.
  var mostFrequent: Int { counts.indices.max { counts[$0] < counts[$1] } ?? 0 }
}

/// A small hash table that numbers distinct values in order of appearance.
private struct DistinctTable {
  private(set) var entries: [UInt64] = []
  private var slots = [Int16](repeating: -1, count: 1024)

  /// The number of a value, or nil when it would be the 257th.
  mutating func place(of value: UInt64) -> Int? {
    var slot = Int(truncatingIfNeeded: (value &* 0x9e37_79b9_7f4a_7c15) >> 54)
    while slots[slot] >= 0 {
      if entries[Int(slots[slot])] == value { return Int(slots[slot]) }
      slot = (slot + 1) & 1023
    }
    guard entries.count < Palette.largest else { return nil }
    slots[slot] = Int16(entries.count)
    entries.append(value)
    return entries.count - 1
  }
}
