import PithTensors

extension TensorDecoder {
  /// The value of a Constant node.
  func constant(_ node: OnnxNodeProto) throws(ONNXError) -> Tensor {
    let name = node.output.first ?? node.name
    guard node.attribute.count == 1, let attribute = node.attribute.first else {
      throw .node(
        name: node.name, operator: node.opType, problem: "it must have one attribute, its value")
    }
    switch attribute.name {
    case "value": return try tensor(attribute.t, name: name, raw: .lifted)
    case "value_float": return Tensor(scalar: attribute.f)
    case "value_floats": return Tensor(attribute.floats)
    case "value_int": return Tensor(scalar: attribute.i)
    case "value_ints": return Tensor(attribute.ints)
    case "value_string": return Tensor(strings: [[UInt8](attribute.s)], [])
    case "value_strings":
      let strings = attribute.strings.map { [UInt8]($0) }
      return Tensor(strings: strings, [strings.count])
    case "sparse_value": return try dense(attribute.sparseTensor, name: name)
    default:
      throw .node(
        name: node.name, operator: node.opType,
        problem: "attribute '\(attribute.name)' is not one that holds a constant")
    }
  }

  /// A sparse tensor with its zeros filled in.
  func dense(_ sparse: OnnxSparseTensorProto, name: String) throws(ONNXError) -> Tensor {
    let problem = { (what: String) in ONNXError.tensor(name: name, problem: what) }
    let values = try tensor(sparse.values, name: name, raw: .inline)
    let indices = try tensor(sparse.indices, name: name, raw: .inline)
    let shape = Shape(sparse.dims.map(Int.init))
    if let fault = SizeLimits.fault(in: shape.dimensions) { throw problem(fault) }
    let width = values.dtype.bits / 8
    guard width > 0, shape.count * width <= 1 << 20 + 64 * values.byteCount else {
      throw problem("a sparse tensor of shape \(shape) is not read")
    }
    guard indices.dtype == .int64, values.shape.rank == 1,
      indices.shape == [values.count] || indices.shape == [values.count, shape.rank]
    else { throw problem("its indices do not fit its values") }

    let positions = try linear(indices, shape, name: name)
    var result = Tensor(values.dtype, shape)
    values.readBytes { source in
      result.updateBytes { target in
        for (index, position) in positions.enumerated() {
          for byte in 0..<width {
            target[position * width + byte] = source[index * width + byte]
          }
        }
      }
    }
    return result
  }

  /// The positions of sparse elements, row by row.
  private func linear(_ indices: Tensor, _ shape: Shape, name: String) throws(ONNXError) -> [Int] {
    let numbers = indices.integers
    let extents = indices.shape.rank == 1 ? [shape.count] : shape.dimensions
    guard !extents.isEmpty else { return [Int](repeating: 0, count: indices.shape[0]) }
    var positions: [Int] = []
    for start in stride(from: 0, to: numbers.count, by: extents.count) {
      var position = 0
      for (axis, extent) in extents.enumerated() {
        let number = numbers[start + axis]
        guard (0..<extent).contains(number) else {
          throw .tensor(name: name, problem: "a sparse index (\(number)) is out of range")
        }
        position = position * extent + number
      }
      positions.append(position)
    }
    return positions
  }
}
