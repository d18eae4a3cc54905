import PithGraph
import PithOperators
import SwiftProtobuf

extension GraphBuilder {
  /// Adds a node with graphs of its own. Where one of them holds something that is not understood,
  /// the node is opaque.
  mutating func addControlFlow(_ kind: any ControlFlowOperator.Type, _ node: NodeForm)
    throws(ONNXError)
  {
    let made: any ControlFlowOperator
    do {
      var (attributes, bodies) = (node.attributes, [String: Subgraph]())
      for name in kind.bodyNames {
        let attribute = try body(name, of: node)
        let graph = try bodyGraph(attribute)
        if holdsOlderForms(attribute) {
          attributes[name] = .encoded(serialized(try rewritten(attribute, as: graph)))
        }
        let captured = [attribute].captured.compactMap { node.captured.firstIndex(of: $0) }
        bodies[name] = Subgraph(graph, captured: captured)
      }
      made = try kind.init(Attributes(attributes), bodies: bodies)
    } catch {
      let reason = (error as? AttributeError)?.description ?? "\(error)"
      // As it stands the node would change its meaning with the operator set.
      if node.attributes.values.contains(where: holdsOlderForms) {
        unchangeable = "node '\(node.name)' (\(node.kind)): \(reason)"
        return
      }
      return try addOpaque(node, reason: reason)
    }
    try append(made, try resolve(node.inputs, of: node), node.outputs, nil, node)
  }

  private func body(_ name: String, of node: NodeForm) throws -> OnnxAttributeProto {
    guard case .encoded(let bytes)? = node.attributes[name] else {
      throw AttributeError.missing(name)
    }
    let attribute = try parse(OnnxAttributeProto.self, bytes)
    guard attribute.hasG, document.proto.functions.isEmpty else {
      throw AttributeError.unsupported("attribute '\(name)' beside functions of the file")
    }
    return attribute
  }

  /// The graph in an attribute, read as a model of its own whose last inputs are what it captures.
  private func bodyGraph(_ attribute: OnnxAttributeProto) throws -> Graph {
    var model = OnnxModelProto()
    model.irVersion = document.proto.irVersion
    model.opsetImport = document.proto.opsetImport
    model.graph = attribute.g
    for outer in [attribute].captured {
      let type = values[outer].flatMap { graph.type(of: $0) }
      model.graph.input.append(
        .with {
          $0.name = outer
          if let type { $0.type = OnnxTypeProto(type) }
        })
    }
    let file = serialized(model).withUnsafeBytes { FileBytes(copying: $0) }
    var builder = try GraphBuilder(ModelDocument(file, folder: nil), opset: opset, form: form)
    guard let graph = try builder.build() else {
      throw AttributeError.unsupported(builder.unchangeable ?? "its graph cannot be read")
    }
    if let unknown = graph.unsupported.first {
      throw AttributeError.unsupported(
        "operator \(unknown.operator) in attribute '\(attribute.name)': \(unknown.reason)")
    }
    return graph
  }

  // MARK: - Older forms

  private func holdsOlderForms(_ attribute: OnnxAttributeProto) -> Bool {
    guard case .current = form else { return false }
    return attribute.subgraphs.contains { UpgradeTable.changes(in: $0, since: opset) }
  }

  private func holdsOlderForms(_ value: AttributeValue) -> Bool {
    guard case .encoded(let bytes) = value,
      let attribute = try? parse(OnnxAttributeProto.self, bytes)
    else { return false }
    return holdsOlderForms(attribute)
  }

  /// The attribute with its graph in the current form, which must capture the same values.
  private func rewritten(_ attribute: OnnxAttributeProto, as graph: Graph) throws
    -> OnnxAttributeProto
  {
    let captured = [attribute].captured
    let model = try parse(OnnxModelProto.self, ONNXWriter.bytes(of: graph))
    var result = attribute
    result.g = model.graph
    result.g.name = attribute.g.name
    result.g.input.removeAll { captured.contains($0.name) }
    guard [result].captured == captured else {
      throw AttributeError.unsupported(
        "attribute '\(attribute.name)' uses other values of the graph around it in its current form"
      )
    }
    return result
  }
}
