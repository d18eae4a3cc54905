import CDNNL
import PithTensors

/// The gradient of a convolution's weights as matrix products, some for each tap of the window:
/// those of the rows of pixels that the tap meets.
///
/// Data lie as (H, W, N, C), so that neighbouring pixels of all samples are the rows of one matrix,
/// and pixels outside the data cost nothing. Over planes of 2 by 2 pixels the library's kernel
/// takes seven times as long, over 4 by 4 twice.
struct TapProducts {
  /// The upstream gradient's and the data's pixels whose products make a part of one tap.
  private struct Run {
    var tap: Int
    var upstream: Int
    var data: Int
    var pixels: Int
    /// Whether the tap has a part already.
    var adds: Bool
  }

  private struct Product: Hashable {
    var pixels: Int
    var adds: Bool
  }

  private let upstream: Shape
  private let data: Shape
  private let weight: Shape
  private let runs: [Run]
  /// Taps that meet no pixel.
  private let idle: [Int]

  /// Nil where the library's own kernel is as fast, or the shapes do not fit.
  init?(_ convolution: Convolution, _ request: KernelRequest) {
    guard convolution.groups == 1, !request.hasOutput(1),
      convolution.window.strides.allSatisfy({ $0 == 1 }),
      let upstream = request.inputs[0], let data = request.inputs[1],
      let weight = request.outputs[0], weight.shape.rank == 4,
      [upstream, data, weight].allSatisfy({ $0.dtype == .float32 })
    else { return nil }
    (self.upstream, self.data, self.weight) = (upstream.shape, data.shape, weight.shape)
    let (taps, pixels) = (weight.shape[2] * weight.shape[3], upstream.shape[2] * upstream.shape[3])
    guard taps > 1, (1...16).contains(pixels), upstream.shape[0] * pixels >= 64,
      weight.shape[0] >= 64, weight.shape[1] >= 64
    else { return nil }
    var runs: [Run] = []
    for row in 0..<weight.shape[2] {
      for column in 0..<weight.shape[3] {
        runs += Self.runs(convolution.window, upstream.shape, data.shape, weight.shape, row, column)
      }
    }
    self.runs = runs
    let busy = Set(runs.map(\.tap))
    idle = (0..<taps).filter { !busy.contains($0) }
  }

  private static func runs(
    _ window: Window, _ upstream: Shape, _ data: Shape, _ weight: Shape, _ row: Int, _ column: Int
  ) -> [Run] {
    /// The results that a tap of an axis meets data from, and how far those are off.
    func range(_ axis: Int, _ tap: Int) -> (results: Range<Int>, offset: Int) {
      let offset = tap * window.dilations[axis] - window.padsBegin[axis]
      let first = max(0, -offset)
      return (
        first..<max(first, min(upstream[axis + 2], data[axis + 2] - offset)), offset
      )
    }
    let ((rows, down), (columns, right)) = (range(0, row), range(1, column))
    guard !rows.isEmpty, !columns.isEmpty else { return [] }
    let isWhole = columns.count == upstream[3] && columns.count == data[3]
    let starts = isWhole ? rows.prefix(1) : rows
    return starts.map { start in
      Run(
        tap: row * weight[3] + column, upstream: start * upstream[3] + columns.lowerBound,
        data: (start + down) * data[3] + columns.lowerBound + right,
        pixels: isWhole ? rows.count * columns.count : columns.count, adds: start != rows.first)
    }
  }

  /// (H, W, N, C)
  private static func pixelsFirst(_ shape: Shape) throws(KernelError) -> MemoryDescriptor {
    let (samples, channels, width) = (shape[0], shape[1], shape[3])
    let pixel = samples * channels
    return try MemoryDescriptor(.float32, shape, strides: [channels, 1, width * pixel, pixel])
  }

  func plan(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    var descriptors: [Product: PrimitiveDescriptor] = [:]
    for run in runs {
      let product = Product(pixels: run.pixels, adds: run.adds)
      if descriptors[product] == nil { descriptors[product] = try descriptor(product) }
    }
    let (upstreamLayout, dataLayout, weightLayout) = (
      try Self.pixelsFirst(upstream).layout(.float32, upstream),
      try Self.pixelsFirst(data).layout(.float32, data),
      try Self.pixelsFirst(weight).layout(.float32, weight)
    )
    let name = descriptors.values.map(\.implementation).min() ?? "zero"
    return KernelPlan(
      inputs: [upstreamLayout, dataLayout],
      outputs: [weightLayout] + [Layout?](repeating: nil, count: request.outputs.count - 1),
      scratchBytes: descriptors.values.map(\.scratchBytes).max() ?? 0,
      implementation: "taps:\(name)"
    ) { (buffers) throws(KernelError) in
      var executions: [Execution] = []
      for run in runs {
        let descriptor = descriptors[Product(pixels: run.pixels, adds: run.adds)]!
        executions.append(try execution(run, descriptor, buffers))
      }
      let bytes = weight[0] * weight[1] * MemoryLayout<Float>.stride
      let zeros = idle.map { buffers.outputs[0]! + $0 * bytes }
      return {
        for address in zeros {
          address.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        for execution in executions { execution.run() }
      }
    }
  }

  /// (O, C) = (pixels N, O) turned by (pixels N, C).
  private func descriptor(_ product: Product) throws(KernelError) -> PrimitiveDescriptor {
    let (left, right, result) = try matrices(product.pixels)
    return try PrimitiveDescriptor(
      "matrix product", postOperations: PostOperations(sum: product.adds)
    ) { (handle, engine, attributes) throws(KernelError) in
      dnnl_matmul_primitive_desc_create(
        handle, engine, left.handle, right.handle, nil, result.handle, attributes)
    }
  }

  private func matrices(_ pixels: Int) throws(KernelError) -> (
    MemoryDescriptor, MemoryDescriptor, MemoryDescriptor
  ) {
    let (filters, channels, rows) = (weight[0], weight[1], pixels * upstream[0])
    return (
      try MemoryDescriptor(.float32, [filters, rows], strides: [1, filters]),
      try MemoryDescriptor(.float32, [rows, channels]),
      try MemoryDescriptor(.float32, [filters, channels])
    )
  }

  private func execution(_ run: Run, _ descriptor: PrimitiveDescriptor, _ buffers: Buffers)
    throws(KernelError) -> Execution
  {
    let (left, right, result) = try matrices(run.pixels)
    let stride = MemoryLayout<Float>.stride
    let (filters, channels, samples) = (weight[0], weight[1], upstream[0])
    return try Execution(
      descriptor,
      [
        Slot(DNNL_ARG_SRC, .input(0), left), Slot(DNNL_ARG_WEIGHTS, .input(1), right),
        Slot(DNNL_ARG_DST, .output(0), result),
      ],
      Buffers(
        inputs: [
          buffers.inputs[0]! + run.upstream * samples * filters * stride,
          buffers.inputs[1]! + run.data * samples * channels * stride,
        ], outputs: [buffers.outputs[0]! + run.tap * filters * channels * stride],
        scratch: buffers.scratch))
  }
}
