import CPithKernels
import PithTensors

/// Offsets into one block of scratch memory.
struct ScratchLayout {
  private(set) var size = 0

  mutating func reserve(_ bytes: Int) -> Int {
    let offset = size
    size += (max(bytes, 1) + 63) / 64 * 64
    return offset
  }
}

/// Two stacks of matrices, stretched over one another, with the bytes at which each pair begins.
struct MatrixStacks {
  let rows: Int
  let columns: Int
  let depth: Int
  private(set) var offsets: [(left: Int, right: Int)] = []

  /// Elements have one byte.
  init(_ left: Shape, _ right: Shape) throws(KernelError) {
    let a = left.rank == 1 ? Shape([1] + left.dimensions) : left
    let b = right.rank == 1 ? Shape(right.dimensions + [1]) : right
    guard a.rank >= 2, b.rank >= 2, a[a.rank - 1] == b[b.rank - 2] else {
      throw .unsupported("a product of \(left) and \(right)")
    }
    rows = a[a.rank - 2]
    depth = a[a.rank - 1]
    columns = b[b.rank - 1]
    let (outerA, outerB) = (
      Shape(Array(a.dimensions.dropLast(2))), Shape(Array(b.dimensions.dropLast(2)))
    )
    guard let outer = outerA.broadcast(with: outerB) else {
      throw .unsupported("a product of \(left) and \(right)")
    }
    guard rows > 0, columns > 0 else { return }
    for (x, y) in zip(
      BroadcastIndex(outerA, to: outer).places, BroadcastIndex(outerB, to: outer).places)
    {
      offsets.append((Int(x) * rows * depth, Int(y) * depth * columns))
    }
  }
}

/// One operand of an integer kernel: its sign and its zero points.
struct IntegerSide: Sendable {
  let isSigned: Int32
  /// 1 where there is a zero point per row (or column), 0 where there is one for all.
  let step: Int
  private let input: Int?
  private let zeroType: pith_integer
  private let zeroCount: Int

  init(_ operand: QuantizedOperand, _ request: KernelRequest, count: Int) throws(KernelError) {
    let data = try request.input(operand.data)
    guard data.dtype == .int8 || data.dtype == .uint8 else {
      throw .unsupported("whole numbers of type \(data.dtype.rawValue)")
    }
    isSigned = data.dtype == .int8 ? 1 : 0
    guard let zero = operand.zero, request.hasInput(zero) else {
      (input, step, zeroType, zeroCount) = (nil, 0, PITH_S8, 1)
      return
    }
    let points = try request.input(zero)
    guard points.dtype == data.dtype else {
      throw .unsupported("zero points of type \(points.dtype.rawValue)")
    }
    guard points.shape.count == 1 || points.shape.count == count else {
      throw .unsupported("\(points.shape.count) zero points for \(count) rows or columns")
    }
    input = zero
    step = points.shape.count == 1 ? 0 : 1
    zeroCount = points.shape.count
    zeroType = isSigned != 0 ? PITH_S8 : PITH_U8
  }

  func loadZeros(_ buffers: Buffers, _ zeros: UnsafeMutablePointer<Int32>) {
    if let input {
      pith_widen(buffers.inputs[input]!, zeroType, zeros, zeroCount)
    } else {
      zeros[0] = 0
    }
  }
}

/// What becomes of the sums of an integer kernel.
struct Finishing: Sendable {
  /// Whether they stay int32 and are made where the result lies.
  let isWide: Bool
  private let requantization: Requantization?
  private let columns: Int
  private let allRows: Int
  private var isSigned: Int32 = 0
  private var scales: (left: Int, right: Int, leftCount: Int, rightCount: Int) = (0, 0, 1, 1)

  init(
    _ requantization: Requantization?, _ request: KernelRequest, rows: Int, columns: Int,
    left: Int?, right: Int?, byRow: Bool, byColumn: Bool
  ) throws(KernelError) {
    self.requantization = requantization
    self.columns = columns
    allRows = rows
    isWide = requantization == nil
    let result = try request.output(0)
    guard let requantization else {
      guard result.dtype == .int32 else { throw .unsupported("\(result.dtype.rawValue) sums") }
      return
    }
    guard result.dtype == .int8 || result.dtype == .uint8 else {
      throw .unsupported("a result of type \(result.dtype.rawValue)")
    }
    isSigned = result.dtype == .int8 ? 1 : 0
    guard let left, let right else { throw .unsupported("operands without scales") }
    let counts = (try request.input(left).shape.count, try request.input(right).shape.count)
    for index in [left, right, requantization.scale] {
      guard try request.input(index).dtype == .float32 else {
        throw .unsupported("scales of type \(try request.input(index).dtype.rawValue)")
      }
    }
    guard counts.0 == 1 || (byRow && counts.0 == rows),
      counts.1 == 1 || (byColumn && counts.1 == columns), counts.0 == 1 || counts.1 == 1,
      try request.input(requantization.scale).shape.count == 1
    else { throw .unsupported("\(counts.0) and \(counts.1) scales together") }
    if let zero = requantization.zero, request.hasInput(zero) {
      let point = try request.input(zero)
      guard point.dtype == result.dtype, point.shape.count == 1 else {
        throw .unsupported("zero points of the result of type \(point.dtype.rawValue)")
      }
    }
    if let bias = requantization.bias, request.hasInput(bias) {
      let biases = try request.input(bias)
      guard biases.dtype == .int32, biases.shape.count == rows else {
        throw .unsupported("biases of type \(biases.dtype.rawValue)")
      }
    }
    scales = (left, right, counts.0, counts.1)
  }

  /// The factor of each row, or each column, or of all sums.
  func loadScales(_ buffers: Buffers, _ factors: UnsafeMutablePointer<Float>) {
    guard let requantization else { return }
    let left = buffers.input(scales.left, as: Float.self)
    let right = buffers.input(scales.right, as: Float.self)
    let result = buffers.input(requantization.scale, as: Float.self)[0]
    for index in 0..<max(scales.leftCount, scales.rightCount) {
      let (a, b) = (
        left[scales.leftCount == 1 ? 0 : index], right[scales.rightCount == 1 ? 0 : index]
      )
      factors[index] = a * b / result
    }
  }

  /// Scales the sums of some rows (all of them without `rows`) to 8 bits.
  func run(
    _ buffers: Buffers, _ sums: UnsafePointer<Int32>, _ factors: UnsafePointer<Float>,
    _ result: UnsafeMutableRawPointer, from first: Int = 0, rows: Int? = nil
  ) {
    guard let requantization else { return }
    let byRow = scales.leftCount > 1
    var zero: Int32 = 0
    if let input = requantization.zero, input < buffers.inputs.count,
      let point = buffers.inputs[input]
    {
      pith_widen(point, isSigned != 0 ? PITH_S8 : PITH_U8, &zero, 1)
    }
    var bias: UnsafePointer<Int32>?
    if let input = requantization.bias, input < buffers.inputs.count,
      let biases = buffers.inputs[input]
    {
      bias = UnsafePointer(biases.assumingMemoryBound(to: Int32.self) + first)
    }
    pith_requantize(
      sums, bias, factors + (byRow ? first : 0), byRow ? 1 : 0, scales.rightCount > 1 ? 1 : 0,
      rows ?? allRows, columns, zero, isSigned, result)
  }
}
