import Foundation
import PithData
import Testing

/// A folder that goes when the test does.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("pith-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  /// Copies a fixture to `name`.
  func copy(_ fixture: String, to name: String) throws {
    try write(name, try fixtureBytes(fixture))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url.appendingPathComponent(name))
  }

  func open(_ format: String, _ path: String = "", _ options: OpenOptions = OpenOptions()) throws
    -> Dataset
  {
    try DataSpecification("\(format):\(url.appendingPathComponent(path).path)").open(options)
  }
}

func fixture(_ name: String) throws -> URL {
  try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: try fixture(name)))
}

/// The error `body` throws, which must be one of this module's.
func fault(_ body: () throws -> Void) -> DataError? {
  do { try body() } catch let error as DataError { return error } catch {
    Issue.record("\(error) is not a DataError")
    return nil
  }
  return nil
}
