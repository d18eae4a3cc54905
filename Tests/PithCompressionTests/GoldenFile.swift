import Foundation
import Testing

/// A golden file of this module.
func goldenFile<Value: Decodable>(_ name: String, as _: Value.Type = Value.self) throws -> Value {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
}
