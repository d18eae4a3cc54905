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
    guard
      scale.count == 1 || scale.count == filters && decoder.axis == axis
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

  /// Makes sure that sums of products with bytes of a grid do not overflow on this processor, if it
  /// can be done.
  ///
  /// - Parameter pixels: of the kernel; the weights of one pixel, along the channels, are multiplied
  ///   side by side.
  mutating func fit(_ grid: Grid, pixels: Int, mayRound: Bool) -> Bool {
    guard ProcessorLevel.sumsPairsInSixteenBits else { return true }
    let crowded = (0..<shape[axis]).filter { isCrowded($0, pixels: pixels) }
    // With signed data the library makes room itself, in all filters.
    if grid.dtype == .int8 { return mayRound }
    guard crowded.isEmpty || mayRound else { return false }
    for filter in crowded { makeRoom(in: filter) }
    return true
  }

  /// Halves a filter at the price of the last bit of its odd weights.
  ///
  /// What rounding takes from one weight is given to the next, so that a filter's sum, and with it
  /// the mean of its results, stays as it was.
  private mutating func makeRoom(in filter: Int) {
    var carry = 0
    for index in indices(of: filter) {
      let wanted = Int(bytes[index]) + carry
      let half = max(-64, min(64, (Float(wanted) / 2).rounded(.toNearestOrEven)))
      carry = wanted - 2 * Int(half)
      bytes[index] = Int8(half)
    }
    scales[filter] *= 2
  }

  /// The places of a filter's weights, channel after channel.
  private func indices(of filter: Int) -> StrideTo<Int> {
    let run = bytes.count / shape[axis]
    return axis == 0
      ? stride(from: filter * run, to: (filter + 1) * run, by: 1)
      : stride(from: filter, to: bytes.count, by: shape[axis])
  }

  /// Whether two products next to each other can leave 16 bits when data are bytes of up to 255.
  private func isCrowded(_ filter: Int, pixels: Int) -> Bool {
    let places = Array(indices(of: filter))
    let channels = places.count / pixels
    for pixel in 0..<pixels {
      for channel in stride(from: 0, to: channels - 1, by: 2) {
        let pair =
          Int(bytes[places[channel * pixels + pixel]])
          + Int(bytes[places[(channel + 1) * pixels + pixel]])
        if 255 * pair > Int(Int16.max) || 255 * pair < Int(Int16.min) { return true }
      }
    }
    return false
  }
}
