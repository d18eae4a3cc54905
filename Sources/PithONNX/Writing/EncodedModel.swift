/// A model on its way into a file: its small parts as messages, its weights still as tensors.
struct EncodedModel {
  /// Everything but the graph.
  var model: OnnxModelProto
  /// Everything but the initializers.
  var graph: OnnxGraphProto
  var tensors: [EncodedTensor]

  var byteCount: Int {
    let graph = graphByteCount
    return serialized(model).count + 1 + varint(graph).count + graph
  }

  private var graphByteCount: Int {
    tensors.reduce(serialized(graph).count) { total, tensor in
      let count = tensor.byteCount
      return total + 1 + varint(count).count + count
    }
  }

  func write(to sink: inout some ByteSink & ~Copyable) throws(ONNXError) {
    try sink.write(serialized(model))
    try sink.write([0x3a] + varint(graphByteCount))  // field 7: the graph
    try sink.write(serialized(graph))
    for tensor in tensors {
      try sink.write([0x2a] + varint(tensor.byteCount))  // field 5: an initializer
      try tensor.write(to: &sink)
    }
  }
}
