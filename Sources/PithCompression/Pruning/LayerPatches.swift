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

  /// Numbers of patches that are handed on together: enough for a product to be worth its call.
  private static let room = 1 << 18

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
    let sample = elements.count / shape[0]
    guard let window = source.window else {
      addRows(start, count: samples * sample / layer.layout.length, to: &sums[0], room: &room)
      return
    }
    var patches = window.patches(shape, layer.layout)
    let line = patches.output.1 * layer.layout.length
    guard line > 0 else { return }
    let lines = max(1, Self.room / line)
    grow(&room, to: lines * line)
    let group = layer.layout.inputs * patches.input.0 * patches.input.1
    for index in 0..<samples {
      for part in sums.indices {
        let image = start + index * sample + part * group
        for first in stride(from: 0, to: patches.output.0, by: lines) {
          let end = min(first + lines, patches.output.0)
          pith_patches(&patches, image, first, end, &room)
          sums[part].addProducts(of: room, count: (end - first) * patches.output.1, scale: 2)
        }
      }
    }
  }

  private func addRows(
    _ start: UnsafePointer<Float>, count rows: Int, to sum: inout SymmetricMatrix,
    room: inout [Double]
  ) {
    let length = layer.layout.length
    let most = max(1, Self.room / length)
    grow(&room, to: most * length)
    for first in stride(from: 0, to: rows, by: most) {
      let count = min(most, rows - first)
      for index in 0..<count * length { room[index] = Double(start[first * length + index]) }
      sum.addProducts(of: room, count: count, scale: 2)
    }
  }

  private func grow(_ room: inout [Double], to count: Int) {
    if room.count < count { room = [Double](repeating: 0, count: count) }
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
