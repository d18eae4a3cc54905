import PithData
public import PithGraph
import PithTensors
import PithTraining

/// LASSO channel selection: of the layers that read the channels, X_i being what they see of
/// channel i and W_i the weights they see it with,
///
///     min over beta of |Y - sum_i beta_i X_i W_i^T|^2 / (2 |Y|^2) + lambda |beta|_1.
///
/// A channel's score is the lambda from which on downwards its beta is not zero: raising lambda
/// until so many stay keeps those of the largest scores. Layers that read the same channels add up.
/// Y and X are taken about their means, which a bias makes up for, at a few places of each sample.
///
/// Channels that no layer reads of which the patches are known are scored as by `l1`.
public enum ChannelLasso: ChannelCriterion {
  public static let name = "lasso"
  public static let summary =
    "how long the channel stays when the layers that read it are fitted under a growing L1 penalty"
  public static let paper =
    "He, Zhang, Sun: Channel pruning for accelerating very deep neural networks, 2017"
  public static let refits = true

  /// Bytes of sums that are measured at once.
  private static let mostBytes = 1 << 30

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    guard let data = context.data, data.train.count > 0 else {
      throw CompressionError.needsData(
        method: ChannelPruning.name, why: "criterion \(name) looks at samples")
    }
    let layers = knownLayers(of: graph)
    let readers = readers(of: groups, among: layers)
    var grams = groups.map { SymmetricMatrix(order: $0.count) }
    var waiting: [LayerRegression] = []
    func measure() throws {
      for sums in try LayerRegression.measured(waiting, graph, data, context) {
        let gram = try LayerGram(sums, graph.weights[sums.patches.layer.weight])
        for (index, readers) in readers.enumerated() {
          for reader in readers where reader.axis.value == sums.patches.layer.weight {
            gram.add(reader.places, to: &grams[index])
          }
        }
      }
      waiting = []
    }
    let read = Set(readers.flatMap { $0.map(\.axis.value) })
    for layer in layers where read.contains(layer.layer.weight) {
      let sums = LayerRegression(layer, hasTargets: false)
      if waiting.reduce(sums.bytes, { $0 + $1.bytes }) > mostBytes { try measure() }
      waiting.append(sums)
    }
    try measure()
    let norms = try ChannelL1.scores(of: groups, in: graph, context)
    return groups.indices.map { index in
      readers[index].isEmpty ? norms[index] : LassoPath(of: grams[index]).entries()
    }
  }

  public static func notes(on groups: [PruningGroup], in graph: Graph) -> [String] {
    let readers = readers(of: groups, among: knownLayers(of: graph))
    let names = zip(groups, readers).filter { $1.isEmpty }.map { $0.0.name }
    guard !names.isEmpty else { return [] }
    return [
      "lasso scores the channels of \(names.prefix(3).joined(separator: ", "))"
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
        + " as l1 does: the patches of what reads them are not known"
    ]
  }

  /// The layers whose patches are known.
  private static func knownLayers(of graph: Graph) -> [LayerPatches] {
    graph.prunableLayers().compactMap { LayerPatches($0, in: graph) }
      .filter { $0.layer.layout.groups == 1 }
  }

  /// For each group where those layers read it.
  private static func readers(of groups: [PruningGroup], among layers: [LayerPatches])
    -> [[PruningGroup.Member]]
  {
    let weights = Set(layers.map(\.layer.weight))
    return groups.map { group in
      group.constants.filter { $0.isReading && weights.contains($0.axis.value) }
    }
  }
}

extension LassoPath {
  /// The path of a sum of columns by these columns themselves.
  fileprivate init(of gram: SymmetricMatrix) {
    let whole = [Double](repeating: 1, count: gram.order)
    self.init(gram: gram, target: gram.times(whole))
  }
}

/// Products of what each input of a layer contributes to what it gives, as shares of all that it
/// gives: of the weights that read two inputs with the patches that they see.
private struct LayerGram {
  private let elements: SymmetricMatrix
  /// Inputs of a filter that go with one input channel.
  private let places: Int
  private let scale: Double

  init(_ sums: LayerRegression, _ weights: Tensor?) throws {
    let layout = sums.patches.layer.layout
    places = layout.places
    let floats = weights?.floats ?? []
    let rows = (0..<layout.filters).flatMap { filter in
      layout.indices(filter: filter).map { Double(floats[$0]) }
    }
    guard rows.allSatisfy(\.isFinite) else {
      throw CompressionError.notFinite(layer: sums.patches.layer.name)
    }
    var products = SymmetricMatrix(order: layout.length)
    products.addProducts(of: rows, count: layout.filters, scale: 1)
    let patches = sums.centered()
    var total = 0.0
    for row in 0..<layout.length {
      for column in 0...row {
        let product = products[row, column] * patches[row, column]
        products[row, column] = product
        total += row == column ? product : 2 * product
      }
    }
    elements = products
    scale = total > 0 ? 1 / total : 0
  }

  /// Adds the products of channels that have some input channels each.
  func add(_ channels: [[Int]], to gram: inout SymmetricMatrix) {
    for (row, one) in channels.enumerated() {
      for (column, other) in channels[...row].enumerated() {
        var sum = 0.0
        for input in one {
          for second in other {
            for place in 0..<places {
              for next in 0..<places {
                sum += elements[input * places + place, second * places + next]
              }
            }
          }
        }
        gram[row, column] += sum * scale
      }
    }
  }
}
