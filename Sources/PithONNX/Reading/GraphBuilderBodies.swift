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
      var bodies: [String: Subgraph] = [:]
      for name in kind.bodyNames { bodies[name] = try body(name, of: node) }
      made = try kind.init(Attributes(node.attributes), bodies: bodies)
    } catch let error as AttributeError {
      return try addOpaque(node, reason: error.description)
    } catch {
      return try addOpaque(node, reason: "\(error)")
    }
    try append(made, try resolve(node.inputs, of: node), node.outputs, nil, node)
  }

  /// The graph in an attribute, read as a model of its own whose last inputs are what it captures.
  private func body(_ name: String, of node: NodeForm) throws -> Subgraph {
    guard case .encoded(let bytes)? = node.attributes[name] else {
      throw AttributeError.missing(name)
    }
    let attribute = try parse(OnnxAttributeProto.self, bytes)
    guard attribute.hasG, document.proto.functions.isEmpty else {
      throw AttributeError.unsupported("attribute '\(name)' beside functions of the file")
    }
    var model = OnnxModelProto()
    model.irVersion = document.proto.irVersion
    model.opsetImport = document.proto.opsetImport
    model.graph = attribute.g
    let captured = [attribute].captured
    for outer in captured { model.graph.input.append(.with { $0.name = outer }) }
    let file = serialized(model).withUnsafeBytes { FileBytes(copying: $0) }
    var builder = try GraphBuilder(ModelDocument(file, folder: nil), opset: opset, form: form)
    guard let graph = try builder.build() else {
      throw AttributeError.unsupported(builder.unchangeable ?? "its graph cannot be read")
    }
    if let unknown = graph.unsupported.first {
      throw AttributeError.unsupported(
        "operator \(unknown.operator) in attribute '\(name)': \(unknown.reason)")
    }
    return Subgraph(graph, captured: captured.compactMap { node.captured.firstIndex(of: $0) })
  }
}
