public import PithGraph
public import PithKernels
public import PithTensors

/// alpha A' B' + beta C, where A' and B' are A (M, K) and B (K, N), transposed where asked.
public struct Gemm: Operator {
  public static let name = "Gemm"
  public static let examples = [
    Example([.random([3, 4]), .random([4, 5]), .random([5])]),
    Example([.random([3, 4]), .random([5, 4]), .random([5])], ["transB": .int(1)]),
    Example(
      [.random([4, 3]), .random([5, 4]), .random([3, 1])],
      ["transA": .int(1), "transB": .int(1), "alpha": .float(0.5), "beta": .float(2)]),
    Example([.random([4, 3]), .random([4, 2]), .absent], ["transA": .int(1)]),
  ]

  public let transA: Bool
  public let transB: Bool
  public let alpha: Float
  public let beta: Float
  /// What is done to the result in passing; set by the compiler, never read from a file.
  public let post: PostOperations

  public init(
    transA: Bool = false, transB: Bool = false, alpha: Float = 1, beta: Float = 1,
    post: PostOperations = PostOperations()
  ) {
    self.transA = transA
    self.transB = transB
    self.alpha = alpha
    self.beta = beta
    self.post = post
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      transA: try attributes.bool("transA", default: false),
      transB: try attributes.bool("transB", default: false),
      alpha: try attributes.float("alpha", default: 1),
      beta: try attributes.float("beta", default: 1))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if transA { values["transA"] = .int(1) }
    if transB { values["transB"] = .int(1) }
    if alpha != 1 { values["alpha"] = .float(alpha) }
    if beta != 1 { values["beta"] = .float(beta) }
    return Attributes(values)
  }

  public func adding(_ post: PostOperations) -> Gemm {
    Gemm(transA: transA, transB: transB, alpha: alpha, beta: beta, post: post)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (a, b) = (try inputs.required(0), try inputs.required(1))
    for (index, fact) in [a, b].enumerated() where fact.rank != 2 {
      throw .rank(input: index, expected: "2", actual: fact.rank)
    }
    let (m, k) = transA ? (a.dimensions[1], a.dimensions[0]) : (a.dimensions[0], a.dimensions[1])
    let (k2, n) = transB ? (b.dimensions[1], b.dimensions[0]) : (b.dimensions[0], b.dimensions[1])
    if let left = k.size, let right = k2.size, left != right {
      throw .mismatch("the input has \(left) features but the weight expects \(right)")
    }
    if let c = inputs.optional(2) {
      let stretched = try broadcast(c.dimensions, [m, n])
      guard stretched.count == 2 else {
        throw .rank(input: 2, expected: "2 or less", actual: c.rank)
      }
    }
    return [Fact(a.dtype, [m, n])]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let output = outputs.optional(0)?.type.shape, let a = inputs.optional(0)?.type.shape
    else {
      return .none
    }
    var links = AxisLinks()
    links.link(.input(0, transA ? 1 : 0), .output(0, 0), count: output[0])
    links.link(.input(1, transB ? 0 : 1), .output(0, 1), count: output[1])
    let inner = OperandAxis.input(0, transA ? 0 : 1)
    links.link(inner, .input(1, transB ? 1 : 0), count: a[inner.axis])
    links.sum(over: inner)
    links.stretch(2, inputs.optional(2), to: 0, output)
    return links
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let a = inputs.optional(0)?.type.shape, let output = outputs.first?.type.shape,
      a.rank == 2
    else { return Cost() }
    return Cost(macs: output.count * (transA ? a[0] : a[1]))
  }

  public func role(ofInput index: Int) -> WeightRole? {
    index == 1 ? .weight : index == 2 ? .bias : nil
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let a = node.inputs[0], let b = node.inputs[1] else {
      return []
    }
    var results = [Value?](repeating: nil, count: node.inputs.count)
    if wanted[0] {
      results[0] =
        transA
        ? try graph.add(Gemm(transA: transB, transB: true, alpha: alpha), b, gradient)
        : try graph.add(Gemm(transB: !transB, alpha: alpha), gradient, b)
    }
    if wanted[1] {
      results[1] =
        transB
        ? try graph.add(Gemm(transA: true, transB: transA, alpha: alpha), gradient, a)
        : try graph.add(Gemm(transA: !transA, alpha: alpha), a, gradient)
    }
    if wanted.count > 2, wanted[2], let c = node.inputs[2] {
      let sum = try graph.sum(gradient, like: c)
      results[2] = beta == 1 ? sum : try graph.add(Scaling(beta), sum)
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard try request.input(0).dtype == .float32 else {
      throw .unsupported("\(try request.input(0).dtype.rawValue) elements")
    }
    return try MatrixProduct(
      transposesLeft: transA, transposesRight: transB, scale: alpha, biasScale: beta, post: post
    ).kernel(request)
  }
}
