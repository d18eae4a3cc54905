/// How the elements of one tensor are coded. The raw value is what an archive stores.
public enum TensorCoding: UInt8, Sendable, CaseIterable {
  /// The bytes as they are.
  case verbatim = 0
  /// One element, repeated.
  case constant = 1
  /// The distinct elements, and a context-coded map of which stands where.
  case palette = 2
  /// A context-coded map of the non-zero elements, and those as `floats`.
  case sparseFloats = 3
  /// Signs, exponents and leading fraction bits in context, the rest verbatim.
  case floats = 4
  /// Whole numbers by significance, sign, greater-than flags and Exp-Golomb remainder.
  case levels = 5
  /// Bytes by context mixing, for small payloads without structure.
  case bytes = 6
  /// Huffman codes of the distinct elements, dense or with relative indices; the reference point.
  case huffman = 7
  /// Byte planes by Zstandard.
  case planes = 8
  /// As `sparseFloats`, with the signs of the zeros in the map: other tools prune by multiplying
  /// with zero, which leaves as many negative zeros as there were negative weights.
  case signedZeroFloats = 9

  static let treeSize = 16

  /// A word for reports.
  public var name: String {
    switch self {
    case .verbatim: "verbatim"
    case .constant: "constant"
    case .palette: "palette"
    case .sparseFloats: "sparse-floats"
    case .floats: "floats"
    case .levels: "levels"
    case .bytes: "bytes"
    case .huffman: "huffman"
    case .planes: "planes"
    case .signedZeroFloats: "signed-zero-floats"
    }
  }
}
