/// What can be wrong with data on disk or with how it was asked for.
///
/// Offsets count bytes from the start of the named file (of its expanded form where it is
/// compressed).
public enum DataError: Error, Hashable, Sendable {
  /// `--data` is not `FORMAT:PATH`, or names an unknown format.
  case specification(String, reason: String)
  /// A word of the preprocessing or loader settings cannot be used.
  case setting(String, reason: String)
  case missing(file: String, advice: String)
  case unreadable(file: String, reason: String)
  case empty(file: String)
  case truncated(file: String, offset: Int, expected: Int, found: Int)
  case trailing(file: String, offset: Int)
  case malformed(file: String, offset: Int, reason: String)
  case labelOutOfRange(file: String, offset: Int, label: Int, classCount: Int)
  case countMismatch(file: String, count: Int, other: String, otherCount: Int)
  /// More memory than a file of this size can rightly ask for.
  case tooLarge(file: String, bytes: Int, limit: Int)
  case image(file: String, reason: String)
  case tooManyBadImages(count: Int, allowed: Int, first: String)
  case sizesDiffer(file: String, size: String, other: String, otherSize: String)
  case unwritable(file: String, reason: String)
}

extension DataError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .specification(let text, let reason): "data '\(text)': \(reason)"
    case .setting(let name, let reason): "\(name): \(reason)"
    case .missing(let file, let advice): "\(file): not found; \(advice)"
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .empty(let file): "\(file): holds no samples"
    case .truncated(let file, let offset, let expected, let found):
      "\(file): ends too early: \(expected) bytes needed from offset \(offset), \(found) there; "
        + "copy or download the file again"
    case .trailing(let file, let offset):
      "\(file): more bytes follow offset \(offset), where its data should end; "
        + "copy or download the file again"
    case .malformed(let file, let offset, let reason): "\(file): at offset \(offset): \(reason)"
    case .labelOutOfRange(let file, let offset, let label, let classCount):
      "\(file): at offset \(offset): label \(label) is outside 0..<\(classCount)"
    case .countMismatch(let file, let count, let other, let otherCount):
      "\(file) holds \(count) samples but \(other) holds \(otherCount); they must be of one set"
    case .tooLarge(let file, let bytes, let limit):
      "\(file): asks for \(bytes) bytes, over the limit of \(limit) for a file of its size"
    case .image(let file, let reason): "\(file): \(reason)"
    case .tooManyBadImages(let count, let allowed, let first):
      "\(count) images cannot be used (\(allowed) allowed), the first: \(first); "
        + "repair or remove them, or allow more to be skipped"
    case .sizesDiffer(let file, let size, let other, let otherSize):
      "images differ in size: \(file) is \(size), \(other) is \(otherSize); "
        + "give a size in the preprocessing"
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
    }
  }
}
