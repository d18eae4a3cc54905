import Foundation
import PithTensors

/// The binary layout the CIFAR sets share: records of one or two label bytes and 3,072 pixels,
/// (3, 32, 32).
struct CIFARRecords {
  static let shape: Shape = [3, 32, 32]

  /// Bytes before the pixels of a record; the last of them is the label that counts.
  let labelBytes: Int
  let classCount: Int

  /// The records of all `files`, in their order.
  func read(_ files: [URL], advice: String) throws(DataError) -> Split {
    var counts: [Int] = []
    for url in files { counts.append(try count(try RegularFile(url, advice: advice))) }
    let total = counts.reduce(0, +)
    var pixels = Tensor(.uint8, Shape([total] + Self.shape.dimensions), zeroed: false)
    var labels: [Int32] = []
    labels.reserveCapacity(total)
    for (url, count) in zip(files, counts) {
      let file = try RegularFile(url)
      try copy(file, count, at: labels.count * Self.shape.count, to: &pixels, &labels)
    }
    return try Split(pixels, labels: labels)
  }

  private var recordBytes: Int { labelBytes + Self.shape.count }

  private func count(_ file: borrowing RegularFile) throws(DataError) -> Int {
    guard file.size > 0 else { throw .empty(file: file.path) }
    let rest = file.size % recordBytes
    guard rest == 0 else {
      throw .truncated(
        file: file.path, offset: file.size - rest, expected: recordBytes, found: rest)
    }
    return file.size / recordBytes
  }

  private func copy(
    _ file: borrowing RegularFile, _ count: Int, at start: Int, to pixels: inout Tensor,
    _ labels: inout [Int32]
  ) throws(DataError) {
    let bytes = try file.bytes(at: 0, count: count * recordBytes)
    for record in 0..<count {
      let offset = record * recordBytes + labelBytes - 1
      guard bytes[offset] < classCount else {
        throw .labelOutOfRange(
          file: file.path, offset: offset, label: Int(bytes[offset]), classCount: classCount)
      }
      labels.append(Int32(bytes[offset]))
    }
    let size = Self.shape.count
    pixels.updateBytes { memory in
      bytes.withUnsafeBytes { source in
        for record in 0..<count {
          let from = record * recordBytes + labelBytes
          memory[(start + record * size)..<(start + (record + 1) * size)].copyBytes(
            from: source[from..<from + size])
        }
      }
    }
  }

  /// The names a text file lists, a line each, where it is there and has one per class.
  func names(_ url: URL) -> [String]? {
    guard exists(url), let file = try? RegularFile(url), file.size < 1 << 16,
      let bytes = try? file.bytes()
    else { return nil }
    let names = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    return names.count == classCount ? names : nil
  }
}

/// The folder that holds `file`: `folder` itself or its `subfolder`, as the archive unpacks.
func cifarFolder(_ folder: URL, _ subfolder: String, holding file: String) -> URL {
  let inner = folder.appendingPathComponent(subfolder, isDirectory: true)
  let isInner = !exists(folder.appendingPathComponent(file)) && exists(inner)
  return isInner ? inner : folder
}
