/// A canonical Huffman code: symbols 0..<n, each with a codeword of limited length.
///
/// Codewords of equal length are consecutive numbers in the order of their symbols, so the lengths
/// alone describe the code (Schwartz and Kallick, 1964). Where Huffman's tree is deeper than
/// `longestLength`, the counts are flattened until it is not.
public struct HuffmanCode: Sendable, Hashable {
  /// The longest codeword, in bits.
  public static let longestLength = 24

  /// Bits of each symbol's codeword; 0 for a symbol that does not occur.
  public let lengths: [Int]
  private let codewords: [UInt32]
  // For each length: the first codeword, where its symbols start, and how many there are.
  private let firstCodewords: [UInt32]
  private let starts: [Int]
  private let counts: [Int]
  private let symbolsInOrder: [Int]

  /// The best code for symbols that occur `counts[symbol]` times.
  public init(counts: [Int]) {
    var scaled = counts.map { max($0, 0) }
    var lengths = HuffmanCode.depths(scaled)
    while let deepest = lengths.max(), deepest > HuffmanCode.longestLength {
      scaled = scaled.map { $0 > 0 ? $0 / 2 + 1 : 0 }
      lengths = HuffmanCode.depths(scaled)
    }
    self.init(unchecked: lengths)
  }

  /// The code with these lengths, or nil when no prefix code has them.
  public init?(lengths: [Int]) {
    var room = 0.0
    for length in lengths {
      guard (0...HuffmanCode.longestLength).contains(length) else { return nil }
      if length > 0 { room += 1 / Double(1 << length) }
    }
    guard room <= 1 else { return nil }
    self.init(unchecked: lengths)
  }

  private init(unchecked lengths: [Int]) {
    let longest = HuffmanCode.longestLength
    var counts = [Int](repeating: 0, count: longest + 1)
    for length in lengths where length > 0 { counts[length] += 1 }
    var first = [UInt32](repeating: 0, count: longest + 1)
    var starts = [Int](repeating: 0, count: longest + 1)
    var codeword: UInt32 = 0
    var start = 0
    for length in 1...longest {
      codeword <<= 1
      first[length] = codeword
      starts[length] = start
      codeword += UInt32(counts[length])
      start += counts[length]
    }
    var next = starts
    var ordered = [Int](repeating: 0, count: start)
    var codewords = [UInt32](repeating: 0, count: lengths.count)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      codewords[symbol] = first[length] + UInt32(next[length] - starts[length])
      ordered[next[length]] = symbol
      next[length] += 1
    }
    self.lengths = lengths
    self.codewords = codewords
    self.counts = counts
    self.starts = starts
    firstCodewords = first
    symbolsInOrder = ordered
  }

  /// Appends a symbol's codeword. A symbol without one appends nothing.
  public func write(_ symbol: Int, to writer: inout BitWriter) {
    guard lengths.indices.contains(symbol) else { return }
    writer.write(UInt64(codewords[symbol]), count: lengths[symbol])
  }

  /// The next symbol, or nil when the bits end or are no codeword.
  public func read(from reader: inout BitReader) -> Int? {
    var codeword: UInt32 = 0
    for length in 1...HuffmanCode.longestLength {
      guard let bit = reader.readBit() else { return nil }
      codeword = codeword << 1 | UInt32(bit)
      let offset = Int(codeword) - Int(firstCodewords[length])
      if offset >= 0 && offset < counts[length] { return symbolsInOrder[starts[length] + offset] }
    }
    return nil
  }

  /// The codeword of a symbol as text, such as "0110"; empty for a symbol that has none.
  public func codeword(of symbol: Int) -> String {
    guard lengths.indices.contains(symbol), lengths[symbol] > 0 else { return "" }
    let digits = String(codewords[symbol], radix: 2)
    return String(repeating: "0", count: lengths[symbol] - digits.count) + digits
  }

  /// Depths of the leaves of Huffman's tree; a lone symbol has depth 1.
  private static func depths(_ counts: [Int]) -> [Int] {
    let used = counts.indices.filter { counts[$0] > 0 }.sorted {
      (counts[$0], $0) < (counts[$1], $1)
    }
    var depths = [Int](repeating: 0, count: counts.count)
    guard used.count > 1 else {
      if let only = used.first { depths[only] = 1 }
      return depths
    }
    // Leaves in rising order and inner nodes, which arise in rising order, are two queues.
    var weights = used.map { counts[$0] }
    var parents = [Int](repeating: 0, count: 2 * used.count - 1)
    var leaf = 0
    var inner = used.count
    func takeSmallest() -> Int {
      if leaf < used.count && (inner >= weights.count || weights[leaf] <= weights[inner]) {
        leaf += 1
        return leaf - 1
      }
      inner += 1
      return inner - 1
    }
    for node in used.count..<2 * used.count - 1 {
      let first = takeSmallest()
      let second = takeSmallest()
      parents[first] = node
      parents[second] = node
      let (sum, overflow) = weights[first].addingReportingOverflow(weights[second])
      weights.append(overflow ? .max : sum)
    }
    var levels = [Int](repeating: 0, count: weights.count)
    for node in stride(from: weights.count - 2, through: 0, by: -1) {
      levels[node] = levels[parents[node]] + 1
      if node < used.count { depths[used[node]] = levels[node] }
    }
    return depths
  }
}
