/// A text that encoder and decoder of model texts have both read before they begin: pieces of
/// typical models, so that common words cost next to nothing from their first use.
///
/// It is part of the format: changing a byte of it needs a new format version.
enum TextPrior {
  static let bytes: [UInt8] = []
}
