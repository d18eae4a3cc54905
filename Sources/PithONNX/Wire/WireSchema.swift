/// The messages of an ONNX file, as far as it takes to find the messages inside them.
enum WireMessage {
  case model, graph, node, attribute, tensor, sparseTensor, function, training
  case valueInfo, annotation, type, tensorType, elementType, mapType, shape
  /// Entries without messages inside: names, versions, dimensions.
  case leaf

  /// The message held by a field, nil for numbers, text and bytes.
  func message(in field: Int) -> WireMessage? {
    switch (self, field) {
    case (.model, 7): .graph
    case (.model, 8), (.model, 14): .leaf
    case (.model, 20): .training
    case (.model, 25): .function
    case (.graph, 1), (.function, 7): .node
    case (.graph, 5): .tensor
    case (.graph, 11), (.graph, 12), (.graph, 13), (.function, 12): .valueInfo
    case (.graph, 14): .annotation
    case (.graph, 15): .sparseTensor
    case (.graph, 16): .leaf
    case (.node, 5), (.function, 11): .attribute
    case (.node, 9), (.function, 9), (.function, 14): .leaf
    case (.attribute, 5), (.attribute, 10): .tensor
    case (.attribute, 6), (.attribute, 11): .graph
    case (.attribute, 14), (.attribute, 15): .type
    case (.attribute, 22), (.attribute, 23): .sparseTensor
    case (.tensor, 3), (.tensor, 13), (.tensor, 16): .leaf
    case (.sparseTensor, 1), (.sparseTensor, 2): .tensor
    case (.training, 1), (.training, 2): .graph
    case (.training, 3), (.training, 4): .leaf
    case (.valueInfo, 2): .type
    case (.valueInfo, 4), (.annotation, 2): .leaf
    case (.type, 1), (.type, 8): .tensorType
    case (.type, 4), (.type, 9): .elementType
    case (.type, 5): .mapType
    case (.type, 7): .leaf
    case (.tensorType, 2): .shape
    case (.elementType, 1), (.mapType, 2): .type
    case (.shape, 1): .leaf
    default: nil
    }
  }

  /// Bytes in memory per element of a field of packed or repeated numbers, nil for other fields.
  func elementBytes(in field: Int) -> Int? {
    switch (self, field) {
    case (.tensor, 1), (.tensor, 7), (.tensor, 10), (.tensor, 11): 8
    case (.tensor, 4), (.tensor, 5): 4
    case (.attribute, 7): 4
    case (.attribute, 8): 8
    case (.sparseTensor, 3): 8
    default: nil
    }
  }
}
