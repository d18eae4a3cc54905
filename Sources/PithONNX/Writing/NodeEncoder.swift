import Foundation
import PithGraph
import PithTensors
import SwiftProtobuf

/// Turns one node into its message.
struct NodeEncoder {
  private let node: Node
  private let names: ValueNames

  init(_ node: Node, _ names: ValueNames) {
    self.node = node
    self.names = names
  }

  /// - Parameter extra: what the original file said of the node besides.
  func proto(name: String, _ extra: OnnxNodeProto?) throws(ONNXError) -> OnnxNodeProto {
    var proto = extra ?? OnnxNodeProto()
    proto.name = name
    proto.opType = node.operator.name
    let domain = node.operator.onnxDomain
    if !domain.isEmpty { proto.domain = domain }
    proto.input = trimmed(node.inputs)
    proto.output = trimmed(node.outputs)
    proto.attribute = try attributes()
    return proto
  }

  private func trimmed(_ values: [Value?]) -> [String] {
    let count = values.lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
    return values.prefix(count).map { $0.map { names[$0] } ?? "" }
  }

  private func attributes() throws(ONNXError) -> [OnnxAttributeProto] {
    var result: [OnnxAttributeProto] = []
    for (name, value) in node.operator.attributes.values.sorted(by: { $0.key < $1.key }) {
      result.append(try attribute(name, value))
    }
    let captured = result.captured
    let renamed = Dictionary(
      zip(captured, node.captured.map { names[$0] }).filter { $0 != $1 }
    ) { first, _ in first }
    if !renamed.isEmpty {
      for index in result.indices { result[index].renameCaptured(renamed) }
    }
    return result
  }

  private func attribute(_ name: String, _ value: AttributeValue) throws(ONNXError)
    -> OnnxAttributeProto
  {
    var proto = OnnxAttributeProto()
    switch value {
    case .int(let number):
      proto.type = .int
      proto.i = Int64(number)
    case .float(let number):
      proto.type = .float
      proto.f = number
    case .string(let text):
      proto.type = .string
      proto.s = Data(text.utf8)
    case .tensor(let tensor):
      proto.type = .tensor
      proto.t = try Self.message(tensor)
    case .ints(let numbers):
      proto.type = .ints
      proto.ints = numbers.map(Int64.init)
    case .floats(let numbers):
      proto.type = .floats
      proto.floats = numbers
    case .strings(let texts):
      proto.type = .strings
      proto.strings = texts.map { Data($0.utf8) }
    case .encoded(let bytes):
      proto = try parse(OnnxAttributeProto.self, bytes)
    }
    proto.name = name
    return proto
  }

  private static func message(_ tensor: Tensor) throws(ONNXError) -> OnnxTensorProto {
    var bytes = ByteArray()
    try EncodedTensor(name: "", tensor: tensor).write(to: &bytes)
    return try parse(OnnxTensorProto.self, bytes.bytes)
  }
}

extension Operator {
  /// The domain that the node stands in: an opaque operator brings its own.
  var onnxDomain: String { (self as? OpaqueOperator)?.kindDomain ?? Self.domain }
}
