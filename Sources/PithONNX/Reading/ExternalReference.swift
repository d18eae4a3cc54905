import PithTensors
import SwiftProtobuf

/// Where a tensor's data lie in another file.
struct ExternalReference {
  var location: String
  var offset: Int
  var length: Int?

  init(location: String, offset: Int, length: Int?) {
    self.location = location
    self.offset = offset
    self.length = length
  }

  init(_ entries: [OnnxStringStringEntryProto]) throws(SystemError) {
    var values: [String: String] = [:]
    for entry in entries {
      guard values.updateValue(entry.value, forKey: entry.key) == nil else {
        throw SystemError("'\(entry.key)' is given twice")
      }
    }
    guard let location = values["location"] else { throw SystemError("no location is given") }
    self.location = location
    offset = try Self.number(values["offset"], "offset") ?? 0
    length = try Self.number(values["length"], "length")
  }

  private static func number(_ text: String?, _ key: String) throws(SystemError) -> Int? {
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
      throw SystemError("the \(key) '\(text.prefix(40))' is not a number of bytes")
    }
    return number
  }

  var entries: [OnnxStringStringEntryProto] {
    [("location", location), ("offset", String(offset)), ("length", length.map { String($0) })]
      .compactMap { key, value in
        value.map { value in
          .with {
            $0.key = key
            $0.value = value
          }
        }
      }
  }
}
