import PithCoding
import PithGraph
import PithReports
import PithTensors

/// How the weights of each layer are held, in the graph and in an archive of it.
struct StoredLayers {
  struct Layer {
    let name: String
    let kind: String
    let parameters: Int
    let weightShape: [Int]
    let form: LayerChange.Form
  }

  let layers: [Layer]

  init(_ graph: Graph, _ entries: [ArchiveEntry]) {
    let packed = Dictionary(
      entries.map { ($0.name, $0.codedBytes) }, uniquingKeysWith: { first, _ in first })
    let rows = Inspection(graph, fileBytes: 0).report.layers.filter { $0.parameters > 0 }
    let nodes = Dictionary(
      graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let connections = graph.connections
    layers = rows.map { row in
      let stored = nodes[row.name].map { graph.storedWeights(of: $0, connections) } ?? []
      let coded = stored.compactMap { packed[graph.name(of: $0)] }
      let shape = row.weightShape ?? [row.parameters]
      return Layer(
        name: row.name, kind: row.operator, parameters: row.parameters, weightShape: shape,
        form: LayerChange.Form(
          onnxBytes: stored.reduce(0) { $0 + (graph.weights[$1]?.byteCount ?? 0) },
          pithBytes: coded.isEmpty ? nil : coded.reduce(0, +), bits: row.bits,
          sparsity: row.sparsity, parameters: row.parameters, weightShape: shape))
    }
  }

  /// The layers of two networks side by side, by name.
  static func changes(from before: StoredLayers, to after: StoredLayers) -> [LayerChange] {
    let old = Set(before.layers.map(\.name))
    let new = Dictionary(
      after.layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let kept = before.layers.map { layer in
      LayerChange(
        name: layer.name, operator: layer.kind, parameters: layer.parameters,
        weightShape: layer.weightShape, before: layer.form, after: new[layer.name]?.form)
    }
    let added = after.layers.filter { !old.contains($0.name) }.map { layer in
      LayerChange(
        name: layer.name, operator: layer.kind, parameters: layer.parameters,
        weightShape: layer.weightShape, before: nil, after: layer.form)
    }
    return kept + added
  }
}

extension Graph {
  /// The constants that a node's weights are made from: themselves, or codebooks and codes.
  fileprivate func storedWeights(of node: Node, _ connections: Connections) -> [Value] {
    var found: [Value] = []
    var waiting = node.inputs.enumerated().compactMap { index, input in
      node.operator.role(ofInput: index) == nil ? nil : input
    }
    while let value = waiting.popLast() {
      if weights[value] != nil {
        if !found.contains(value) { found.append(value) }
      } else if let position = connections.producer[value], isConstant(value, connections) {
        waiting += nodes[position].inputs.compactMap(\.self)
      }
    }
    return found
  }

  /// Whether a value depends on weights alone.
  private func isConstant(_ value: Value, _ connections: Connections) -> Bool {
    if weights[value] != nil { return true }
    guard let position = connections.producer[value] else { return false }
    let inputs = nodes[position].inputs.compactMap(\.self)
    return !inputs.isEmpty && inputs.allSatisfy { isConstant($0, connections) }
  }
}
