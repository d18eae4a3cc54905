import PithGraph
import PithOperators
import PithTensors

/// A small network put together by chance from the blocks that networks are made of.
struct RandomNetwork {
  enum Block: CaseIterable {
    case chain, residual, projected, dense, depthwise, grouped, squeezeExcite, encoderDecoder
    case split, slice, shuffle, channelsLast, groupNorm, instanceNorm, attention, recurrent
    case padded, depthToSpace, spaceToDepth, resize, parametric, quantized, gathered, reduced
  }

  private(set) var graph = Graph(name: "random")
  private(set) var blocks: [Block] = []
  private var random: Philox
  /// (N, C, H, W).
  private var current: Value

  init(seed: UInt64, blocks kinds: [Block]? = nil) throws {
    random = Philox(seed: seed)
    current = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 4, 4]))
    try convolve(4 + 4 * below(3), kernel: 3)
    try activate()
    let count = 1 + below(3)
    blocks = kinds ?? (0..<count).map { _ in Block.allCases[below(Block.allCases.count)] }
    for block in blocks { try add(block) }
    try addHeads()
  }

  // MARK: - Parts

  private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private func shape(_ value: Value) -> [Int] {
    (graph.type(of: value)?.dimensions ?? []).map { $0.size ?? 1 }
  }

  private var channels: Int { shape(current)[1] }

  private mutating func drawn(_ shape: Shape, from low: Float = -1, to high: Float = 1) -> Value {
    let fan = shape.rank > 1 ? Float(shape.count / shape[0]).squareRoot() : 1
    let factor = low < 0 ? 1.5 / fan : 1
    return graph.addWeight(
      nil,
      Tensor(
        (0..<shape.count).map { _ in (low + (high - low) * random.uniform()) * factor }, shape))
  }

  private mutating func integers(_ numbers: [Int]) -> Value {
    graph.addWeight(nil, Tensor(numbers.map(Int64.init)))
  }

  private mutating func apply(_ operator: any Operator, _ more: Value?...) throws {
    current = try graph.add(`operator`, [current] + more, outputs: 1)[0]
  }

  private mutating func convolve(
    _ filters: Int, kernel: Int = 1, group: Int = 1, strides: [Int]? = nil
  ) throws {
    let weight = drawn([filters, channels / group, kernel, kernel])
    let pads = [Int](repeating: kernel / 2, count: 4)
    let bias = below(2) == 0 ? drawn([filters]) : nil
    try apply(Conv(strides: strides, pads: pads, group: group), weight, bias)
  }

  private mutating func normalize() throws {
    let count = channels
    try apply(
      BatchNormalization(), drawn([count], from: 0.5, to: 1.5), drawn([count]), drawn([count]),
      drawn([count], from: 0.5, to: 1.5))
  }

  private mutating func activate() throws {
    switch below(4) {
    case 0: try apply(Relu())
    case 1:
      try normalize()
      try apply(Relu())
    case 2: try apply(Sigmoid())
    default: try apply(Clip(), graph.addScalar(-0.5), graph.addScalar(0.8))
    }
  }

  /// A number of channels that can be cut into groups.
  private mutating func width() -> Int { 4 * (1 + below(3)) }

  // MARK: - Blocks

  private mutating func add(_ block: Block) throws {
    let before = current
    switch block {
    case .chain:
      try convolve(width(), kernel: 3)
      try activate()
      try apply(MaxPool(kernel: [2, 2], strides: [1, 1], pads: [0, 0, 1, 1]))
    case .residual, .projected:
      let filters = block == .residual ? channels : width()
      try convolve(width(), kernel: 3)
      try activate()
      try convolve(filters, kernel: 3)
      let branch = current
      current = before
      if block == .projected { try convolve(filters) }
      current = try graph.add(Add(), branch, current)
      try apply(Relu())
    case .dense:
      try convolve(width(), kernel: 3)
      try activate()
      let first = current
      current = before
      try convolve(width())
      current = try graph.add(Concat(axis: 1), [before, first, current])[0]
    case .depthwise:
      let multiplier = 1 + below(2)
      try convolve(channels * multiplier, kernel: 3, group: channels)
      try activate()
      try convolve(width())
    case .grouped:
      try convolve(width())
      let group = [2, 4][below(2)]
      try convolve(width(), kernel: 3, group: group)
      try activate()
      try convolve(width())
    case .squeezeExcite:
      try apply(GlobalAveragePool())
      try convolve(4)
      try apply(Relu())
      try convolve(shape(before)[1])
      try apply(Sigmoid())
      current = try graph.add(Mul(), before, current)
    default: try addOther(block, before)
    }
  }

  private mutating func addOther(_ block: Block, _ before: Value) throws {
    switch block {
    case .encoderDecoder:
      try convolve(width(), kernel: 3, strides: [2, 2])
      try activate()
      let filters = width()
      let group = [1, 2, 4][below(3)]
      try apply(
        ConvTranspose(strides: [2, 2], group: group),
        drawn([channels, filters / group, 2, 2]), drawn([filters]))
      current = try graph.add(Concat(axis: 1), [current, before])[0]
    case .split:
      let parts = try graph.add(Split(axis: 1, count: 2), [before], outputs: 2)
      current = parts[1]
      try convolve(channels, kernel: 3)
      current = try graph.add(Concat(axis: 1), [parts[0], current])[0]
    case .slice:
      try convolve(width())
      let count = channels
      try apply(Slice(), integers([1]), integers([count - 1]), integers([1]))
      try convolve(width())
    case .shuffle:
      let (all, group) = (shape(before), 2)
      try apply(Reshape(), integers([0, group, all[1] / group, all[2], all[3]]))
      try apply(Transpose([0, 2, 1, 3, 4]))
      try apply(Reshape(), integers([0, -1, all[2], all[3]]))
      try convolve(channels, kernel: 3, group: below(2) == 0 ? channels : 2)
      try convolve(width())
    case .channelsLast:
      try apply(Transpose([0, 2, 3, 1]))
      let filters = width()
      try apply(MatMul(), drawn([shape(current)[3], filters]))
      try apply(Add(), drawn([filters]))
      if below(2) == 0 { try apply(LayerNormalization(), drawn([filters]), drawn([filters])) }
      try apply(Relu())
      try apply(Transpose([0, 3, 1, 2]))
    case .groupNorm:
      let filters = width()
      try convolve(filters)
      try apply(
        GroupNormalization(groups: [1, 2, 4, filters][below(4)]), drawn([filters]),
        drawn([filters]))
      try convolve(width())
    case .instanceNorm:
      try convolve(width())
      try apply(InstanceNormalization(), drawn([channels]), drawn([channels]))
    default: try addMore(block, before)
    }
  }

  private mutating func addMore(_ block: Block, _ before: Value) throws {
    let all = shape(before)
    switch block {
    case .attention: try addAttention(heads: 2)
    case .recurrent:
      try apply(Reshape(), integers([0, all[1], all[2] * all[3]]))
      try apply(Transpose([2, 0, 1]))
      let (hidden, both) = (4, below(2) == 0)
      let directions = both ? 2 : 1
      let operators: [any Operator] = [
        try LSTM(both ? ["direction": .string("bidirectional")] : [:]),
        try GRU(both ? ["direction": .string("bidirectional")] : [:]),
      ]
      let (kind, gates) = below(2) == 0 ? (operators[0], 4) : (operators[1], 3)
      try apply(
        kind, drawn([directions, gates * hidden, all[1]]),
        drawn([directions, gates * hidden, hidden]), drawn([directions, 2 * gates * hidden]))
      try apply(Transpose([2, 1, 3, 0]))
      try apply(Reshape(), integers([0, directions * hidden, all[2], all[3]]))
      try convolve(width())
    case .padded:
      try apply(Pad(), integers([0, 2, 0, 0, 0, 3, 0, 0]))
      try apply(Add(), drawn([1, all[1] + 5, 1, 1]))
      try convolve(width())
    case .depthToSpace:
      try convolve(8)
      try apply(DepthToSpace(blockSize: 2, mode: below(2) == 0 ? .depthColumnRow : .columnRowDepth))
      try convolve(width(), kernel: 3, strides: [2, 2])
    case .spaceToDepth:
      guard all[2] % 2 == 0, all[3] % 2 == 0 else { return }
      try apply(SpaceToDepth(blockSize: 2))
      try convolve(width())
    case .resize:
      try convolve(width())
      current = try graph.add(
        Resize(), current, nil, graph.addWeight(nil, Tensor([1, 1, 2, 2] as [Float])))
      try convolve(width(), kernel: 3, strides: [2, 2])
    case .parametric:
      try convolve(width())
      try apply(PRelu(), drawn([channels, 1, 1]))
      try convolve(width())
    case .quantized: try addQuantized()
    case .gathered:
      try convolve(width())
      let order = random.permutation(channels)
      try apply(Gather(axis: 1), integers(Array(order.dropLast(below(2)))))
      try convolve(width())
    case .reduced:
      try convolve(width())
      let sum = try graph.add(ReduceSum(), current, integers([1]))
      current = try graph.add(Mul(), current, graph.add(Tanh(), sum))
      try convolve(width())
    default: break
    }
  }

  /// softmax(Q K' / 2) V over the places of the image, and an MLP, both around a residual stream.
  private mutating func addAttention(heads: Int) throws {
    let all = shape(current)
    let (width, inner) = (all[1], heads * 3)
    try apply(Reshape(), integers([0, all[1], all[2] * all[3]]))
    try apply(Transpose([0, 2, 1]))
    let stream = current
    if below(2) == 0 { try apply(LayerNormalization(), drawn([width]), drawn([width])) }
    let normalized = current
    var parts: [Value] = []
    for name in ["q", "k", "v"] {
      current = normalized
      try apply(MatMul(), drawn([width, inner]))
      try apply(Add(), drawn([inner]))
      try apply(Reshape(), integers([0, -1, heads, inner / heads]))
      try apply(Transpose(name == "k" ? [0, 2, 3, 1] : [0, 2, 1, 3]))
      parts.append(current)
    }
    current = try graph.add(MatMul(), parts[0], parts[1])
    try apply(Mul(), graph.addScalar(0.5))
    try apply(Softmax())
    current = try graph.add(MatMul(), current, parts[2])
    try apply(Transpose([0, 2, 1, 3]))
    try apply(Reshape(), integers([0, -1, inner]))
    try apply(MatMul(), drawn([inner, width]))
    current = try graph.add(Add(), stream, current)
    let middle = current
    try apply(MatMul(), drawn([width, 2 * width]))
    try apply(Gelu())
    try apply(MatMul(), drawn([2 * width, width]))
    current = try graph.add(Add(), middle, current)
    try apply(Transpose([0, 2, 1]))
    try apply(Reshape(), integers([0, width, all[2], all[3]]))
  }

  /// A convolution whose weight is kept as integers, between roundings of its data.
  private mutating func addQuantized() throws {
    let (filters, scale) = (width(), graph.addScalar(0.05))
    try apply(QuantizeLinear(outputType: .int8), scale)
    try apply(DequantizeLinear(), scale)
    let shape = Shape([filters, channels, 1, 1])
    let codes = graph.addWeight(
      nil, Tensor((0..<shape.count).map { _ in Int8(truncatingIfNeeded: below(200) - 100) }, shape))
    let scales = drawn([filters], from: 0.001, to: 0.01)
    let weight = try graph.add(DequantizeLinear(axis: 0), codes, scales)
    try apply(Conv(), weight)
    try convolve(width())
  }

  // MARK: - Outputs

  private mutating func addHeads() throws {
    let trunk = current
    if below(2) == 0 {
      try convolve(width(), kernel: 3)
      try convolve(5)
      graph.addOutput(current, name: "boxes")
    }
    current = trunk
    if below(2) == 0 {
      try apply(Flatten())
    } else {
      try apply(ReduceMean(keepsAxes: false), integers([2, 3]))
    }
    let features = shape(current)[1]
    try apply(Gemm(transB: true), drawn([6, features]), drawn([6]))
    try apply(Relu())
    try apply(Gemm(), drawn([6, 4]))
    graph.addOutput(current, name: "scores")
  }
}
