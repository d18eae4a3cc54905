public import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Replaces each layer's weights by indices into a codebook of a few values, found by k-means; the
/// codebooks are then trained, the gradient of a value being the sum of its members'.
///
/// In the graph a shared weight is Gather(codebook, Cast(indices)). Pruned weights keep index 0,
/// whose value stays zero.
public struct WeightSharing: CompressionMethod {
  public static let name = "weight-sharing"
  public static let summary = "stores each weight as an index into a small codebook"
  public static let paper =
    "Gong et al.: Compressing deep convolutional networks using vector quantization, 2014; Han, Mao, Dally: Deep Compression, 2016"
  public static let settings =
    [
      Setting(
        "bits", .wholeNumber(1...8), default: .wholeNumber(5),
        help: "bits of an index: 2^bits values per layer, zero included"),
      Setting(
        "clusters", .wholeNumber(2...256), default: nil,
        help: "values per layer, instead of bits"),
      Setting(
        "initialization", oneOf: KMeans.Initialization.self, default: .linear,
        help: "how k-means starts"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left alone, by name; * stands for any letters"),
    ]
    + FineTuning.settings(
      epochs: 2, optimizer: .adam, learningRate: 2e-4)

  private let clusters: Int
  private let initialization: KMeans.Initialization
  private let skipped: [NamePattern]
  private let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let bits = try values.wholeNumber("bits")
    clusters = values["clusters"] == nil ? 1 << bits : try values.wholeNumber("clusters")
    initialization = try values.word("initialization")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values)
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    var shared = graph
    var notes: [String] = []
    var count = 0
    for parameter in graph.parameters() where parameter.role == .weight {
      let name = graph.name(of: parameter.root)
      guard parameter.form == .plain, let weight = graph.weights[parameter.root],
        !skipped.contains(where: { $0.matches(name) })
      else { continue }
      guard weight.count > clusters else {
        notes.append("'\(name)' has \(weight.count) weights, too few to share")
        continue
      }
      guard weight.isFinite else {
        throw CompressionError.notFinite(layer: name)
      }
      try shared.share(
        parameter.root, Codebook(weight.floats, clusters, initialization, seed: context.seed))
      count += 1
    }
    guard count > 0 else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "no layer has more weights of its own than \(clusters)")
    }
    let (trained, epochs) = try training.run(shared, context, method: Self.name)
    return Outcome(trained, notes: notes, epochs: epochs)
  }
}

extension Graph {
  /// Puts Gather(codebook, Cast(indices)) in the place of a weight.
  mutating func share(_ weight: Value, _ codebook: Codebook) throws(GraphError) {
    guard let tensor = weights[weight],
      let user = nodes.first(where: { $0.inputs.contains(weight) })
    else { return }
    let name = self.name(of: weight)
    let values = addWeight(name + ".codebook", Tensor(codebook.values))
    let indices = addWeight(name + ".indices", Tensor(codebook.indices, tensor.shape))
    let wide = try insert(Cast(.int32), [indices], before: user.id, name: name + ".widen")[0]
    let shared = try insert(Gather(), [values, wide], before: user.id, name: name + ".share")[0]
    replaceUses(of: weight, with: shared)
    removeUnused()
  }
}
