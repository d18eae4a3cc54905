import Foundation
import PithTensors
import SwiftProtobuf

/// A parsed file: its small parts as objects, the data of its weights still where they lie.
struct ModelDocument {
  let proto: OnnxModelProto
  let tensors: TensorDecoder

  init(_ file: FileBytes, folder: ModelFolder?) throws(ONNXError) {
    let scan = try WireScan(file.bytes, root: .model)
    proto = try parse(OnnxModelProto.self, scan.skeleton)
    guard proto.hasGraph else {
      throw .malformed(file.bytes.isEmpty ? "the file is empty" : "there is no graph in it")
    }
    tensors = TensorDecoder(file: file, blobs: scan.blobs, folder: folder)
  }

  /// The version of ONNX's own operators, or nil when the file imports none.
  var opset: Int? {
    get throws(ONNXError) {
      var result: Int?
      for entry in proto.opsetImport where standardDomains.contains(entry.domain) {
        guard result == nil || result == Int(entry.version) else {
          throw .version("the model imports two versions of ONNX's operators")
        }
        result = Int(entry.version)
      }
      return result
    }
  }
}

/// The names under which ONNX's own operators go.
let standardDomains: Set<String> = ["", "ai.onnx"]

/// Parses a message, wording what goes wrong as our own error.
func parse<Parsed: Message>(_: Parsed.Type, _ bytes: [UInt8]) throws(ONNXError) -> Parsed {
  do {
    return try Parsed(serializedBytes: bytes)
  } catch BinaryDecodingError.invalidUTF8 {
    throw .malformed("a name or text in it is not UTF-8")
  } catch {
    throw .malformed("it breaks off or is damaged")
  }
}

/// The bytes of a message; equal messages give equal bytes.
func serialized(_ message: some Message) -> [UInt8] {
  var options = BinaryEncodingOptions()
  options.useDeterministicOrdering = true
  // Only messages with required fields can fail, and ONNX has none.
  return (try? message.serializedBytes(options: options)) ?? []
}
