import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// Weights as signed bytes with one scale per filter and no zero points.
struct IntegerWeights {
  private(set) var bytes: [Int8]
  let shape: Shape
  private(set) var scales: [Float]
  /// The axis of the filters, the first or the last.
  let axis: Int

  /// The weights behind a float value that a DequantizeLinear makes of constants; nil where they
  /// are not 8-bit integers or do not fit into signed bytes once their zero points are taken off.
  init?(behind value: Value?, axis: Int, in graph: Graph, _ connections: Connections) {
    guard let value, let position = connections.producer[value],
      let decoder = graph.nodes[position].as(DequantizeLinear.self), decoder.blockSize == 0,
      let stored = graph.constant(graph.nodes[position].inputs[0]),
      stored.dtype == .int8 || stored.dtype == .uint8, stored.shape.rank >= 2, stored.count > 0,
      let scale = graph.constant(graph.nodes[position].inputs[1]), scale.dtype == .float32
    else { return nil }
    let node = graph.nodes[position]
    let filters = stored.shape[axis]
    guard scale.count == 1 || scale.count == filters && decoder.axis == axis
      || scale.count == filters && decoder.axis + stored.shape.rank == axis,
      scale.floats.allSatisfy({ $0.isFinite })
    else { return nil }
    var zeros = [Int](repeating: 0, count: scale.count)
    if node.inputs.count > 2, node.inputs[2] != nil {
      guard let given = graph.constant(node.inputs[2]), given.count == scale.count else {
        return nil
      }
      zeros = given.integers
    }
    shape = stored.shape
    self.axis = axis
    scales = scale.count == 1 ? [Float](repeating: scale.floats[0], count: filters) : scale.floats
    let run = axis == 0 ? stored.count / filters : 1
    var bytes: [Int8] = []
    bytes.reserveCapacity(stored.count)
    for (index, number) in stored.integers.enumerated() {
      let zero = zeros.count == 1 ? zeros[0] : zeros[index / run % filters]
      guard let byte = Int8(exactly: number - zero) else { return nil }
      bytes.append(byte)
    }
    self.bytes = bytes
  }

  var tensor: Tensor { Tensor(bytes, shape) }

  /// The matrix (K, N) whose columns are the filters.
  var columns: Tensor {
    guard axis == 0 else { return tensor }
    let (filters, depth) = (shape[0], bytes.count / shape[0])
    let turned = (0..<bytes.count).map { bytes[$0 % filters * depth + $0 / filters] }
    return Tensor(turned, [depth, filters])
  }

  /// The sum of each filter's weights.
  var sums: [Int] {
    let (filters, run) = (shape[axis], axis == 0 ? bytes.count / shape[0] : 1)
    var sums = [Int](repeating: 0, count: filters)
    for (index, byte) in bytes.enumerated() { sums[index / run % filters] += Int(byte) }
    return sums
  }

  /// Halves the filters in which two products next to each other could leave 16 bits when data are
  /// bytes of up to 255, at the price of the last bit of their odd weights; for processors that sum
  /// pairs of products in 16 bits.
  ///
  /// - Parameter pairing: the distance of weights that are multiplied side by side.
  mutating func makeRoom(pairing: Int, depth: Int) {
    let (filters, run) = (shape[axis], axis == 0 ? bytes.count / shape[0] : 1)
    var crowded = [Bool](repeating: false, count: filters)
    for index in bytes.indices where index / pairing % depth % 2 == 0 {
      guard index / pairing % depth + 1 < depth, index + pairing < bytes.count else { continue }
      let sum = 255 * (Int(bytes[index]) + Int(bytes[index + pairing]))
      if sum > Int(Int16.max) || sum < Int(Int16.min) { crowded[index / run % filters] = true }
    }
    for index in bytes.indices where crowded[index / run % filters] {
      bytes[index] = Int8((Float(bytes[index]) / 2).rounded(.toNearestOrEven))
    }
    for filter in 0..<filters where crowded[filter] { scales[filter] *= 2 }
  }
}
