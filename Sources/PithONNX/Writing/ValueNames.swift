import Foundation
import PithGraph

/// The names that values get in a file: their own where those are free, inputs and outputs first.
struct ValueNames {
  private var names: [Value: String] = [:]
  /// The outputs' names, in order.
  private(set) var outputs: [String] = []
  /// Outputs that need a node of their own, because they are weights or leave the graph twice.
  private(set) var copies: [(Value, String)] = []
  private var taken = NameSet()

  init(_ graph: Graph) throws(ONNXError) {
    for input in graph.inputs { try takeExactly(input, graph) }
    for output in graph.outputs {
      if graph.weights[output] != nil || outputs.contains(graph.name(of: output)) {
        let name = taken.fresh(graph.name(of: output))
        outputs.append(name)
        copies.append((output, name))
      } else {
        if names[output] == nil { try takeExactly(output, graph) }
        outputs.append(names[output] ?? "")
      }
    }
    for name in try Self.innerNames(graph).sorted() { _ = taken.take(name) }
    for weight in graph.orderedWeights { take(weight, graph) }
    for node in graph.nodes {
      for case let output? in node.outputs { take(output, graph) }
    }
  }

  subscript(value: Value) -> String { names[value] ?? "" }

  func contains(_ name: String) -> Bool { taken.contains(name) }

  private mutating func take(_ value: Value, _ graph: Graph) {
    guard names[value] == nil else { return }
    names[value] = taken.fresh(graph.name(of: value))
  }

  private mutating func takeExactly(_ value: Value, _ graph: Graph) throws(ONNXError) {
    let name = graph.name(of: value)
    guard taken.take(name) else {
      throw .notExpressible("two inputs or outputs are named '\(name)'")
    }
    names[value] = name
  }

  /// Names given inside subgraphs, which the graph around them should not use.
  private static func innerNames(_ graph: Graph) throws(ONNXError) -> Set<String> {
    var result: Set<String> = []
    for node in graph.nodes {
      for case .encoded(let bytes) in node.operator.attributes.values.values {
        for subgraph in try parse(OnnxAttributeProto.self, bytes).subgraphs {
          subgraph.collectDefined(into: &result)
        }
      }
    }
    return result
  }
}
