import PithData
public import PithGraph
package import PithTensors
import PithTraining

/// What a criterion may look at beside the weights: the network they belong to, and samples of the
/// training data.
public final class PruningEvidence {
  /// With the weights to be scored.
  public let graph: Graph
  public let seed: UInt64
  /// Samples to look at.
  let samples: Int
  private let data: TrainingData?
  /// What a criterion did otherwise than it says of itself, for the user to know.
  public private(set) var notes: [String] = []
  /// Those that were measured and are small enough to be kept.
  private var hessians: [Value: [SymmetricMatrix]] = [:]

  /// Bytes of matrices that are measured at once, and kept.
  private static let mostBytes = 1 << 30

  public init(_ graph: Graph, _ context: Context, samples: Int = 1024) {
    self.graph = graph
    self.samples = samples
    data = context.data
    seed = context.seed
  }

  func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  func data(for criterion: String) throws -> TrainingData {
    guard let data, data.train.count > 0 else {
      throw CompressionError.needsData(
        method: Pruning.name, why: "criterion \(criterion) looks at samples")
    }
    return data
  }

  /// Moments of the gradients of parameters over batches of the samples.
  ///
  /// - Parameter criterion: whom to name where there are no data.
  package func moments(
    of values: [Value], _ quantity: SampledGradients.Quantity, batch: Int, criterion: String
  ) throws -> [GradientMoments] {
    let gradients = try SampledGradients(
      graph, of: values, quantity, data(for: criterion), samples: samples, batch: batch, seed: seed)
    return try gradients.moments(values.map { graph.weights[$0]?.count ?? 0 })
  }

  /// Calls `body` with each layer's Hessians H = 2 X X^T, one for each of its groups, X being the
  /// patches that its filters see. Layers of which no filter's patches are known are left out.
  func forEachHessian(
    _ layers: [PrunableLayer], criterion: String,
    _ body: (PrunableLayer, [SymmetricMatrix]) throws -> Void
  ) throws {
    var waiting: [LayerPatches] = []
    func measure() throws {
      guard !waiting.isEmpty else { return }
      let found = try LayerHessians.measure(waiting, graph, data(for: criterion), samples)
      for (layer, matrices) in zip(waiting, found) {
        if bytesKept + layer.bytes <= Self.mostBytes { hessians[layer.layer.weight] = matrices }
        try body(layer.layer, matrices)
      }
      waiting = []
    }
    for layer in layers {
      if let known = hessians[layer.weight] {
        try body(layer, known)
        continue
      }
      guard let patches = LayerPatches(layer, in: graph) else { continue }
      if waiting.reduce(patches.bytes, { $0 + $1.bytes }) > Self.mostBytes { try measure() }
      waiting.append(patches)
    }
    try measure()
  }

  private var bytesKept: Int {
    hessians.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.order * $1.order * 8 } }
  }

  /// The weights of layers with masks, those that are kept being moved to where the layer gives as
  /// nearly as possible what it gave (least squares on the samples, filter by filter). Layers of
  /// which no filter's patches are known are left out.
  ///
  /// - Parameter criterion: whom to name where there are no data.
  package func refitted(
    _ layers: [PrunableLayer], _ masks: [Value: [Float]], for criterion: String
  ) throws -> [Value: Tensor] {
    var result: [Value: Tensor] = [:]
    let masked = layers.filter { masks[$0.weight] != nil }
    try forEachHessian(masked, criterion: criterion) { layer, hessians in
      guard let mask = masks[layer.weight] else { return }
      let weights = weights(of: layer)
      let fitted = LayerReconstruction(layer, hessians).refitted(weights.floats, mask)
      result[layer.weight] = Tensor(fitted, weights.shape)
    }
    return result
  }
}
