import PithGraph

/// The names of values in a file: who makes them, who uses them, what is declared of them.
struct FileNames {
  let initializers: Set<String>
  /// The node that makes a value.
  let producers: [String: Int]
  /// Values that a node, a subgraph or the model's outputs refer to.
  let used: Set<String>
  /// Declared types of inputs, outputs and values in between.
  let types: [String: TensorType]
  /// Every name, those inside subgraphs included.
  let all: Set<String>

  init(_ model: OnnxModelProto) throws(ONNXError) {
    let graph = model.graph
    initializers = try Self.initializers(graph)
    producers = try Self.producers(graph, initializers)
    types = try Self.types(graph)
    var used = Set(graph.output.map(\.name))
    var all = used.union(initializers).union(graph.input.map(\.name)).union(producers.keys)
    for node in graph.node {
      used.formUnion(node.input)
      used.formUnion(node.attribute.captured)
      for subgraph in node.attribute.flatMap(\.subgraphs) { subgraph.collectDefined(into: &all) }
    }
    used.remove("")
    self.used = used
    self.all = all.union(used)
  }

  private static func initializers(_ graph: OnnxGraphProto) throws(ONNXError) -> Set<String> {
    var names: Set<String> = []
    for name in graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name) {
      guard !name.isEmpty else { throw .graph("an initializer has no name") }
      guard names.insert(name).inserted else {
        throw .graph("there are two initializers named '\(name)'")
      }
    }
    return names
  }

  private static func producers(_ graph: OnnxGraphProto, _ initializers: Set<String>)
    throws(ONNXError) -> [String: Int]
  {
    var inputs: Set<String> = []
    for input in graph.input {
      guard !input.name.isEmpty else { throw .graph("an input has no name") }
      guard inputs.insert(input.name).inserted else {
        throw .graph("there are two inputs named '\(input.name)'")
      }
    }
    var producers: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() {
      for name in node.output where !name.isEmpty {
        let isNew = producers.updateValue(index, forKey: name) == nil
        guard isNew, !inputs.contains(name), !initializers.contains(name) else {
          throw .node(
            name: node.name, operator: node.opType,
            problem: "its output '\(name)' is already made elsewhere")
        }
      }
    }
    var outputs: Set<String> = []
    for output in graph.output where !outputs.insert(output.name).inserted {
      throw .graph("there are two outputs named '\(output.name)'")
    }
    return producers
  }

  private static func types(_ graph: OnnxGraphProto) throws(ONNXError) -> [String: TensorType] {
    var types: [String: TensorType] = [:]
    for info in graph.input + graph.output + graph.valueInfo where types[info.name] == nil {
      types[info.name] = try info.type.tensorType(of: info.name)
    }
    return types
  }
}
