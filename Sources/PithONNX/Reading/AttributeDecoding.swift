import Foundation
import PithGraph
import PithTensors

extension TensorDecoder {
  /// The attributes of a node by name.
  func attributes(of node: OnnxNodeProto, raw: RawData) throws(ONNXError)
    -> [String: AttributeValue]
  {
    var result: [String: AttributeValue] = [:]
    for proto in node.attribute {
      let value = try attribute(proto, raw: raw)
      guard result.updateValue(value, forKey: proto.name) == nil else {
        throw .node(
          name: node.name, operator: node.opType,
          problem: "attribute '\(proto.name)' is given twice")
      }
    }
    return result
  }

  private func attribute(_ proto: OnnxAttributeProto, raw: RawData) throws(ONNXError)
    -> AttributeValue
  {
    switch proto.kind {
    case .int: return .int(Int(proto.i))
    case .float: return .float(proto.f)
    case .ints: return .ints(proto.ints.map(Int.init))
    case .floats: return .floats(proto.floats)
    case .string: if let text = String(proto.s) { return .string(text) }
    case .strings:
      let texts = proto.strings.compactMap { String($0) }
      if texts.count == proto.strings.count { return .strings(texts) }
    case .tensor where DType(onnx: proto.t.dataType) != nil && !proto.t.hasSegment:
      return .tensor(try tensor(proto.t, name: proto.name, raw: raw))
    default: break
    }
    return .encoded(serialized(try selfContained(proto, raw: raw)))
  }

  /// The attribute with all its data in it: nothing left in the file or beside it.
  private func selfContained(_ proto: OnnxAttributeProto, raw: RawData) throws(ONNXError)
    -> OnnxAttributeProto
  {
    var result = proto
    if raw == .lifted, result.hasT, result.t.hasRawData {
      result.t.rawData = rawBytes(result.t, raw)
    }
    try result.forEachTensor { (tensor) throws(ONNXError) in try loadExternalData(of: &tensor) }
    return result
  }

  /// Brings data that lie in another file into the message.
  func loadExternalData(of proto: inout OnnxTensorProto) throws(ONNXError) {
    guard proto.dataLocation == .external else { return }
    let loaded = try tensor(proto, name: proto.name, raw: .inline)
    proto.rawData = loaded.readBytes { Data($0) }
    proto.externalData = []
    proto.clearDataLocation()
  }
}

extension OnnxAttributeProto {
  /// The kind, also where an old file leaves it out. References to a function's attributes and
  /// documented attributes count as undefined: they are only carried along.
  var kind: AttributeType {
    if hasRefAttrName || hasDocString { return .undefined }
    if hasType { return type }
    if hasF { return .float }
    if hasI { return .int }
    if hasS { return .string }
    if hasT { return .tensor }
    if !floats.isEmpty { return .floats }
    if !ints.isEmpty { return .ints }
    if !strings.isEmpty { return .strings }
    return .undefined
  }
}

extension String {
  /// The text of UTF-8 bytes, nil where they are not.
  init?(_ data: Data) {
    guard let text = String(validating: data, as: UTF8.self) else { return nil }
    self = text
  }
}
