import CPithKernels
import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// What the filters of a layer see: the input cut into patches, one for each place of the output.
struct LayerPatches {
  /// How one user of the weight reads its input.
  struct Source {
    let value: Value
    /// Nil where the input's rows are patches as they stand.
    let window: PatchWindow?
  }

  let layer: PrunableLayer
  let sources: [Source]

  /// Inputs of one filter up to which Hessians are measured: a matrix of half a gigabyte.
  static let mostInputs = 8192

  /// Nil for layers whose filters see no patches: recurrent ones, those whose weights are turned in
  /// more than two axes, transposed convolutions, and those with too many inputs.
  init?(_ layer: PrunableLayer, in graph: Graph) {
    guard layer.isPlain, (1...Self.mostInputs).contains(layer.layout.length) else { return nil }
    var sources: [Source] = []
    for id in layer.users {
      guard let node = graph.node(id), layer.slot == 1, let value = node.inputs[0],
        graph.weights[value] == nil, let source = Self.source(value, node, layer, graph)
      else { return nil }
      sources.append(source)
    }
    guard !sources.isEmpty else { return nil }
    self.layer = layer
    self.sources = sources
  }

  private static func source(
    _ value: Value, _ node: Node, _ layer: PrunableLayer, _ graph: Graph
  ) -> Source? {
    switch node.operator {
    case let convolution as Conv where (1...2).contains(layer.layout.kernel.count):
      return Source(value: value, window: PatchWindow(convolution))
    case let gemm as Gemm where !gemm.transA: return Source(value: value, window: nil)
    case is MatMul where graph.weights[layer.weight]?.shape.rank == 2:
      return Source(value: value, window: nil)
    default: return nil
    }
  }

  /// Bytes of the layer's Hessians.
  var bytes: Int { layer.layout.groups * layer.layout.length * layer.layout.length * 8 }

  /// Adds twice the products of the patches of the first samples of a batch.
  ///
  /// - Parameters:
  ///   - elements: of the source's value for the whole batch, of shape `shape`.
  ///   - room: where patches are written; grows as needed.
  func add(
    _ source: Source, _ elements: UnsafeBufferPointer<Float>, _ shape: Shape, samples: Int,
    to sums: inout [SymmetricMatrix], room: inout [Double]
  ) {
    guard let start = elements.baseAddress, shape[0] > 0 else { return }
    let length = layer.layout.length
    let sample = elements.count / shape[0]
    // Enough rows for the product to be worth its call.
    let most = max(1, (1 << 18) / length)
    if room.count < max(most, 1) * length { room = [Double](repeating: 0, count: most * length) }
    guard let window = source.window else {
      let rows = samples * sample / length
      for first in stride(from: 0, to: rows, by: most) {
        let count = min(most, rows - first)
        for index in 0..<count * length { room[index] = Double(start[first * length + index]) }
        sums[0].addProducts(of: room, count: count, scale: 2)
      }
      return
    }
    var patches = window.patches(shape, layer.layout)
    let width = patches.output.1
    guard width > 0, width <= most || width * length <= 1 << 26 else { return }
    if room.count < width * length { room = [Double](repeating: 0, count: width * length) }
    let lines = max(1, room.count / (width * length))
    let group = layer.layout.inputs * patches.input.0 * patches.input.1
    for index in 0..<samples {
      for (part, line) in sums.indices.flatMap({ part in
        stride(from: 0, to: patches.output.0, by: lines).map { (part, $0) }
      }) {
        let end = min(line + lines, patches.output.0)
        pith_patches(&patches, start + index * sample + part * group, line, end, &room)
        sums[part].addProducts(of: room, count: (end - line) * width, scale: 2)
      }
    }
  }
}

/// How the kernel of a convolution moves over its input; a sequence is an image of height one.
struct PatchWindow {
  private let convolution: Conv

  init(_ convolution: Conv) { self.convolution = convolution }

  /// The window over data (N, C, H, W) or (N, C, W); without output where it does not fit.
  func patches(_ data: Shape, _ layout: FilterLayout) -> pith_patches {
    var result = pith_patches()
    let weight = Shape([layout.filters, layout.inputs] + layout.kernel)
    guard data.rank == weight.rank,
      let window = try? convolution.bound(
        KernelRequest.Operand(dtype: .float32, shape: data),
        KernelRequest.Operand(dtype: .float32, shape: weight)
      ).window
    else { return result }
    func pair(_ numbers: [Int], _ missing: Int) -> (Int, Int) {
      numbers.count == 1 ? (missing, numbers[0]) : (numbers[0], numbers[1])
    }
    let spatial = Array(data.dimensions.dropFirst(2))
    let output = spatial.indices.map { axis in
      let span = (window.kernel[axis] - 1) * window.dilations[axis] + 1
      let room = spatial[axis] + window.padsBegin[axis] + window.padsEnd[axis] - span
      return room / window.strides[axis] + 1
    }
    result.channels = layout.inputs
    result.input = pair(spatial, 1)
    result.kernel = pair(window.kernel, 1)
    result.output = pair(output, 1)
    result.strides = pair(window.strides, 1)
    result.dilations = pair(window.dilations, 1)
    result.pads = pair(window.padsBegin, 0)
    return result
  }
}
