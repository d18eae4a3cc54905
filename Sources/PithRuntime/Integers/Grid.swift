import PithGraph
import PithOperators
import PithTensors

/// The bytes that a value is stored as: x is (q - zero) scale.
struct Grid: Sendable, Hashable {
  var dtype: DType
  var scale: Float
  var zero: Int

  /// The whole numbers of the type.
  var range: ClosedRange<Int> { dtype == .int8 ? -128...127 : 0...255 }

  /// The number that stands for x, rounded to nearest, ties to even.
  func number(for x: Float) -> Int {
    let steps = (x / scale).rounded(.toNearestOrEven)
    let bounded = max(-1024, min(1024, steps.isNaN ? 0 : steps))
    return max(range.lowerBound, min(range.upperBound, Int(bounded) + zero))
  }

  /// The float that a byte stands for.
  func value(of byte: UInt8) -> Float {
    let number = dtype == .int8 ? Int(Int8(bitPattern: byte)) : Int(byte)
    return Float(number - zero) * scale
  }
}

extension Graph {
  /// The grid of a QuantizeLinear or DequantizeLinear with one scale for the whole value.
  func grid(of node: Node) -> Grid? {
    let dtype: DType?
    if node.operator is QuantizeLinear {
      dtype = node.output.flatMap { type(of: $0)?.dtype }
    } else if node.operator is DequantizeLinear {
      dtype = node.inputs[0].flatMap { type(of: $0)?.dtype }
    } else {
      return nil
    }
    guard let dtype, dtype == .uint8 || dtype == .int8, node.inputs.count > 1,
      let scale = constant(node.inputs[1]), scale.count == 1, scale.dtype == .float32,
      scale.floats[0].isNormal, scale.floats[0] > 0
    else { return nil }
    guard node.inputs.count > 2, node.inputs[2] != nil else {
      return Grid(dtype: dtype, scale: scale.floats[0], zero: 0)
    }
    guard let zero = constant(node.inputs[2]), zero.count == 1 else { return nil }
    return Grid(dtype: dtype, scale: scale.floats[0], zero: zero.integers[0])
  }

  func constant(_ value: Value?) -> Tensor? { value.flatMap { fact(of: $0)?.constant } }

  /// The bytes behind a float value that a DequantizeLinear makes.
  func bytes(behind value: Value?, _ connections: Connections) -> (value: Value, grid: Grid)? {
    guard let value, let position = connections.producer[value],
      nodes[position].operator is DequantizeLinear, let grid = grid(of: nodes[position]),
      let bytes = nodes[position].inputs[0], constant(bytes) == nil
    else { return nil }
    return (bytes, grid)
  }

  /// Whether a kernel can be made for an operator on values of this graph.
  func canRun(_ operator: any Operator, _ inputs: [Value?]) -> Bool {
    guard let facts = try? infer(`operator`, inputs, node: ""),
      let outputs = facts.first?.type.shape, let dtype = facts.first?.dtype
    else { return false }
    var request = KernelRequest(
      inputs: [], outputs: [KernelRequest.Operand(dtype: dtype, shape: outputs)])
    for input in inputs {
      guard let input else {
        request.inputs.append(nil)
        continue
      }
      guard let type = type(of: input), let shape = type.shape else { return false }
      request.inputs.append(
        KernelRequest.Operand(
          dtype: type.dtype, shape: shape, constant: fact(of: input)?.knownTensor))
    }
    return (try? `operator`.kernel(request)) != nil
  }
}
