public import Foundation
import PithCoding
public import PithGraph
import PithONNX

/// A network with the file it came from: an ONNX model, or an archive of one.
public struct Model: Sendable {
  public let url: URL
  public var graph: Graph
  /// Bytes of the file, external data included.
  public let fileBytes: Int
  /// Peculiarities of the file that are not errors.
  public let warnings: [String]

  /// The name of the file, without its folder.
  public var name: String { url.lastPathComponent }

  /// Reads a model; archives are told by their first bytes.
  public init(reading url: URL) throws(PithError) {
    self.url = url
    let notes = Notes()
    let options = ONNXReader.Options { notes.add($0) }
    if WholeFile.begins(url, with: ModelArchive.magic) {
      fileBytes = try WholeFile.read(url).count
      graph = try Self.unpacked(url, options)
    } else {
      do throws(ONNXError) {
        graph = try ONNXReader.read(url, options)
        fileBytes = try ModelFiles.byteCount(of: url)
      } catch {
        throw PithError(error, file: url)
      }
    }
    warnings = notes.texts
  }

  /// The graph of an archived model. Files beside it are put in a folder of their own meanwhile.
  private static func unpacked(_ url: URL, _ options: ONNXReader.Options) throws(PithError) -> Graph
  {
    let archive = try ModelArchive.unpacked(url)
    guard !archive.members.isEmpty else {
      do throws(ONNXError) { return try ONNXReader.read(archive.onnx, options) } catch {
        throw PithError(error, file: url)
      }
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pith-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = folder.appendingPathComponent("model.onnx")
    try WholeFile.makeFolder(folder)
    try ModelArchive.write(archive, to: model)
    do throws(ONNXError) { return try ONNXReader.read(model, options) } catch {
      throw PithError(error, file: url)
    }
  }
}

extension PithError {
  /// The reader's or writer's error, with the file it is about.
  init(_ error: ONNXError, file: URL) {
    switch error {
    case .missingFile(let path): self = .missing(path: path)
    case .unreadable(let path, let reason): self = .unreadable(path: path, reason: reason)
    case .unwritable(let path, let reason): self = .unwritable(path: path, reason: reason)
    default: self = .model(path: file.path, reason: error.description)
    }
  }

  /// An error of the graph that was read from a file.
  init(_ error: GraphError, file: URL) {
    self = .model(path: file.path, reason: error.description)
  }
}

/// Texts collected by a closure that may be called from anywhere.
///
/// Unchecked because the lock guards the array.
private final class Notes: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []

  var texts: [String] { lock.withLock { lines } }
  func add(_ line: String) { lock.withLock { lines.append(line) } }
}
