public import Foundation
public import PithTensors

/// Named arrays in an NPZ file, as `numpy.savez` and `numpy.savez_compressed` write them.
public struct NumPyArchive: Sendable {
  /// Names in the order of the file, without `.npy`.
  public private(set) var names: [String] = []
  private var arrays: [String: Tensor] = [:]

  public init() {}

  /// Reads all arrays of an `.npz` file, or the one of an `.npy` file, which is then named `array`.
  public init(contentsOf url: URL) throws(DataError) {
    let file = try RegularFile(url)
    guard file.size > 0 else { throw .empty(file: file.path) }
    if try file.bytes(at: 0, count: min(6, file.size)).starts(with: [0x93] + Array("NUMPY".utf8)) {
      try add(try NumPyArray.decode(try file.bytes(), file: file.path), named: "array")
      return
    }
    let archive = try ZipArchive(url)
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw .malformed(
          file: url.path, offset: entry.offset, reason: "'\(entry.name)' is not a NumPy array")
      }
      let tensor = try NumPyArray.decode(
        try archive.read(entry), file: "\(url.path) [\(entry.name)]")
      try add(tensor, named: String(entry.name.dropLast(4)))
    }
  }

  public subscript(name: String) -> Tensor? { arrays[name] }

  /// Adds an array. A name that is taken, empty, or too long for the format is refused.
  public mutating func add(_ tensor: Tensor, named name: String) throws(DataError) {
    guard !name.isEmpty, name.utf8.count < 1 << 15, !name.utf8.contains(0) else {
      throw .setting("array name '\(name)'", reason: "it must have 1 to 32767 bytes and no NUL")
    }
    guard arrays.updateValue(tensor, forKey: name) == nil else {
      throw .setting("array name '\(name)'", reason: "it is there twice")
    }
    names.append(name)
  }

  /// Writes the arrays uncompressed. Types NumPy lacks are widened (bfloat16 to float32, four-bit
  /// integers to eight bits); text is refused. The file appears whole or not at all.
  public func write(to url: URL) throws(DataError) {
    var writer = try ZipWriter(url)
    for name in names {
      guard let array = arrays[name] else { continue }
      let tensor = try NumPyArray.encodable(array, name: name, file: url.path)
      try writer.add("\(name).npy", NumPyArray.header(for: tensor), tensor)
    }
    try writer.finish()
  }
}
