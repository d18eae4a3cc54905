/// Walks over the graphs inside attributes: the bodies of If, Loop and Scan.

extension OnnxAttributeProto {
  var subgraphs: [OnnxGraphProto] { (hasG ? [g] : []) + graphs }

  /// Changes every tensor in the attribute, those in subgraphs included.
  mutating func forEachTensor(_ body: (inout OnnxTensorProto) throws(ONNXError) -> Void)
    throws(ONNXError)
  {
    if hasT { try body(&t) }
    for index in tensors.indices { try body(&tensors[index]) }
    if hasSparseTensor {
      try body(&sparseTensor.values)
      try body(&sparseTensor.indices)
    }
    if hasG { try g.forEachTensor(body) }
    for index in graphs.indices { try graphs[index].forEachTensor(body) }
  }

  /// Renames values of the surrounding graph that the subgraphs refer to.
  mutating func renameCaptured(_ names: [String: String]) {
    if hasG { g.renameCaptured(names) }
    for index in graphs.indices { graphs[index].renameCaptured(names) }
  }
}

extension OnnxGraphProto {
  /// Names that belong to this graph, not to the one around it.
  private var defined: Set<String> {
    Set(input.map(\.name)).union(initializer.map(\.name)).union(
      sparseInitializer.map(\.values.name)
    )
    .union(node.flatMap(\.output))
  }

  /// Adds the names used in here, or deeper, that come from outside `scopes`; each once, in order.
  func collectCaptured(
    into result: inout [String], seen: inout Set<String>, _ scopes: [Set<String>]
  ) {
    let scopes = scopes + [defined]
    let visit = { (name: String, result: inout [String], seen: inout Set<String>) in
      guard !name.isEmpty, !scopes.contains(where: { $0.contains(name) }) else { return }
      if seen.insert(name).inserted { result.append(name) }
    }
    for node in node {
      for name in node.input { visit(name, &result, &seen) }
      for graph in node.attribute.flatMap(\.subgraphs) {
        graph.collectCaptured(into: &result, seen: &seen, scopes)
      }
    }
    for value in output { visit(value.name, &result, &seen) }
  }

  /// Every name given to a value in here or deeper.
  func collectDefined(into result: inout Set<String>) {
    result.formUnion(defined)
    for graph in node.flatMap(\.attribute).flatMap(\.subgraphs) {
      graph.collectDefined(into: &result)
    }
  }

  mutating func renameCaptured(_ names: [String: String]) {
    let defined = self.defined
    let names = names.filter { !defined.contains($0.key) }
    guard !names.isEmpty else { return }
    for index in node.indices {
      node[index].input = node[index].input.map { names[$0] ?? $0 }
      for place in node[index].attribute.indices {
        node[index].attribute[place].renameCaptured(names)
      }
    }
    for index in output.indices {
      output[index].name = names[output[index].name] ?? output[index].name
    }
  }

  mutating func forEachTensor(_ body: (inout OnnxTensorProto) throws(ONNXError) -> Void)
    throws(ONNXError)
  {
    for index in initializer.indices { try body(&initializer[index]) }
    for index in sparseInitializer.indices {
      try body(&sparseInitializer[index].values)
      try body(&sparseInitializer[index].indices)
    }
    for index in node.indices {
      for place in node[index].attribute.indices {
        try node[index].attribute[place].forEachTensor(body)
      }
    }
  }
}

extension [OnnxAttributeProto] {
  /// The values of the surrounding graph that subgraphs refer to, each once, in order.
  var captured: [String] {
    var result: [String] = []
    var seen: Set<String> = []
    for graph in flatMap(\.subgraphs) {
      graph.collectCaptured(into: &result, seen: &seen, [])
    }
    return result
  }
}
