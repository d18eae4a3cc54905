import PithGraph
import PithTensors

/// Short forms for operators that are put together from others.
extension Graph {
  mutating func addIntegers(_ numbers: [Int]) -> Value {
    addWeight(nil, Tensor(numbers.map(Int64.init)))
  }

  mutating func unsqueeze(_ value: Value, axes: [Int]) throws(GraphError) -> Value {
    try add(Unsqueeze(), value, addIntegers(axes))
  }

  mutating func squeeze(_ value: Value, axes: [Int]) throws(GraphError) -> Value {
    try add(Squeeze(), value, addIntegers(axes))
  }

  /// Under another shape; 0 keeps an extent (without `allowZero`), and one -1 takes what is left.
  mutating func reshape(_ value: Value, to shape: [Int], allowZero: Bool = false)
    throws(GraphError) -> Value
  {
    try add(Reshape(allowZero: allowZero), value, addIntegers(shape))
  }

  mutating func transpose(_ value: Value, _ permutation: [Int]) throws(GraphError) -> Value {
    permutation == Array(permutation.indices)
      ? value : try add(Transpose(permutation), value)
  }

  mutating func slice(_ value: Value, axis: Int, from start: Int, to end: Int, step: Int = 1)
    throws(GraphError) -> Value
  {
    try add(
      Slice(), value, addIntegers([start]), addIntegers([end]), addIntegers([axis]),
      addIntegers([step]))
  }

  mutating func concatenate(_ values: [Value], axis: Int) throws(GraphError) -> Value {
    try add(Concat(axis: axis), values)[0]
  }

  mutating func scale(_ value: Value, by factor: Float) throws(GraphError) -> Value {
    factor == 1 ? value : try add(Mul(), value, scalar(factor, like: value))
  }

  /// A constant of one element, of the type of another value.
  mutating func scalar(_ number: Float, like value: Value) -> Value {
    let dtype = type(of: value)?.dtype ?? .float32
    return addWeight(nil, Tensor(scalar: number).converted(to: dtype))
  }
}
