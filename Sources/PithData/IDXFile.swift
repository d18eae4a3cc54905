import Foundation
import PithTensors

/// An IDX file of bytes (the format of MNIST), plain or compressed by gzip.
///
/// Big-endian: two zero bytes, the type (8 for unsigned bytes), the rank, then each extent as 32
/// bits, then the values.
struct IDXFile {
  let path: String
  let dimensions: [Int]
  let values: Tensor
  var headerBytes: Int { 4 + 4 * dimensions.count }

  init(_ url: URL, rank: Int) throws(DataError) {
    let file = try RegularFile(url)
    path = file.path
    let headerBytes = 4 + 4 * rank
    let start = try file.bytes(at: 0, count: min(2, file.size))
    if start == [0x1f, 0x8b] {
      let inflater = try Inflater(try file.bytes(), .gzip, file: file.path)
      var header = Tensor(.uint8, [headerBytes])
      try header.fill { (memory) throws(DataError) in try inflater.read(into: memory) }
      dimensions = try Self.dimensions(header.array(of: UInt8.self), path)
      let count = try Self.count(dimensions, path)
      try checkExpansion(of: file.size, to: count, file: path)
      var values = Tensor(.uint8, Shape(dimensions), zeroed: false)
      try values.fill { (memory) throws(DataError) in try inflater.read(into: memory) }
      try inflater.finish()
      self.values = values
    } else {
      dimensions = try Self.dimensions(try file.bytes(at: 0, count: headerBytes), path)
      let count = try Self.count(dimensions, path)
      let available = file.size - headerBytes
      guard count <= available else {
        throw .truncated(file: path, offset: headerBytes, expected: count, found: available)
      }
      guard count == available else { throw .trailing(file: path, offset: headerBytes + count) }
      var values = Tensor(.uint8, Shape(dimensions), zeroed: false)
      try values.fill { (memory) throws(DataError) in
        try file.read(into: memory, at: headerBytes)
      }
      self.values = values
    }
  }

  private static func dimensions(_ header: [UInt8], _ path: String) throws(DataError) -> [Int] {
    let rank = header.count / 4 - 1
    guard header[0] == 0, header[1] == 0, header[2] == 8 else {
      throw .malformed(file: path, offset: 0, reason: "this is not an IDX file of bytes")
    }
    guard Int(header[3]) == rank else {
      throw .malformed(
        file: path, offset: 3, reason: "\(header[3]) dimensions where \(rank) are expected")
    }
    return (1...rank).map { axis in
      header[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  private static func count(_ dimensions: [Int], _ path: String) throws(DataError) -> Int {
    guard let count = Shape(dimensions).checkedCount else {
      throw .malformed(file: path, offset: 4, reason: "the dimensions overflow")
    }
    guard count > 0 else { throw .empty(file: path) }
    return count
  }
}
