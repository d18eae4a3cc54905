/// The entropy coder of an archive's tensors.
public enum EntropyCoder: String, Sendable, CaseIterable, Codable {
  /// Context-mixing binary arithmetic coding: the smallest files.
  case arithmetic
  /// Huffman codes with relative indices as in Deep Compression: the reference point.
  case huffman
}
