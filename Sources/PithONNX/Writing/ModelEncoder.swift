import Foundation
import PithGraph
import PithOperators
import PithTensors
import SwiftProtobuf

/// Turns a graph into the messages of an ONNX file.
struct ModelEncoder {
  let graph: Graph
  /// What the file that the graph came from said besides.
  let carried: OnnxModelProto
  let names: ValueNames

  init(_ graph: Graph) throws(ONNXError) {
    guard graph.updates.isEmpty else {
      throw .notExpressible("the graph is a training step, which changes its own weights")
    }
    self.graph = graph
    carried =
      graph.metadata[ONNXMetadata.carried].flatMap(CarriedParts.init(text:))?.model
      ?? OnnxModelProto()
    names = try ValueNames(graph)
  }

  func encode() throws(ONNXError) -> EncodedModel {
    let opset = try OpsetForm(graph)
    var body = OnnxGraphProto()
    body.name = graph.name.isEmpty ? "network" : graph.name
    if let text = graph.metadata[ONNXMetadata.graphDocumentation] { body.docString = text }
    body.node = try nodes(opset)
    body.input = try graph.inputs.map { (value) throws(ONNXError) in
      try info(value, names[value], carried.graph.input)
    }
    body.output = try zip(graph.outputs, names.outputs).map { (value, name) throws(ONNXError) in
      try info(value, name, carried.graph.output)
    }
    body.valueInfo = valuesInBetween()
    body.metadataProps = carried.graph.metadataProps
    body.unknownFields = carried.graph.unknownFields
    body.quantizationAnnotation = carried.graph.quantizationAnnotation.filter {
      names.contains($0.tensorName)
    }
    return EncodedModel(model: header(opset), graph: body, tensors: tensors())
  }

  // MARK: - The model

  private func header(_ opset: OpsetForm) -> OnnxModelProto {
    var model = OnnxModelProto()
    let metadata = graph.metadata
    let sourceVersion = Int64(metadata[ONNXMetadata.irVersion] ?? "") ?? 0
    model.irVersion = opset.version > Attributes.currentOpset ? max(10, sourceVersion) : 10
    model.producerName = "pith"
    if let domain = metadata[ONNXMetadata.modelDomain] { model.domain = domain }
    if let version = metadata[ONNXMetadata.modelVersion].flatMap({ Int64($0) }) {
      model.modelVersion = version
    }
    if let text = metadata[ONNXMetadata.documentation] { model.docString = text }
    model.opsetImport = opset.imports.map { domain, version in
      .with {
        $0.domain = domain
        $0.version = Int64(version)
      }
    }
    let entries = metadata.filter { !$0.key.hasPrefix(ONNXMetadata.privatePrefix) }
    model.metadataProps = entries.sorted { $0.key < $1.key }.map { key, value in
      .with {
        $0.key = key
        $0.value = value
      }
    }
    model.trainingInfo = carried.trainingInfo
    model.functions = carried.functions
    model.unknownFields = carried.unknownFields
    return model
  }

  // MARK: - Nodes

  private func nodes(_ opset: OpsetForm) throws(ONNXError) -> [OnnxNodeProto] {
    let extras = Dictionary(carried.graph.node.map { ($0.name, $0) }) { first, _ in first }
    var nodeNames = NameSet()
    var result: [OnnxNodeProto] = []
    for node in graph.nodes {
      try opset.check(node)
      result.append(
        try NodeEncoder(node, names).proto(name: nodeNames.fresh(node.name), extras[node.name]))
    }
    for (value, name) in names.copies {
      result.append(
        .with {
          $0.opType = "Identity"
          $0.name = nodeNames.fresh("\(name)_copy")
          $0.input = [names[value]]
          $0.output = [name]
        })
    }
    return result
  }

  // MARK: - Values

  private func tensors() -> [EncodedTensor] {
    let extras = Dictionary(carried.graph.initializer.map { ($0.name, $0) }) { first, _ in first }
    return graph.orderedWeights.compactMap { value in
      graph.weights[value].map {
        EncodedTensor(name: names[value], tensor: $0, extras: extras[graph.name(of: value)])
      }
    }
  }

  private func info(_ value: Value, _ name: String, _ extras: [OnnxValueInfoProto])
    throws(ONNXError) -> OnnxValueInfoProto
  {
    guard let info = valueInfo(value, name, extras.first { $0.name == graph.name(of: value) })
    else { throw .notExpressible("the type of '\(name)' is not known") }
    return info
  }

  /// - Parameter extra: what the original file said of the value.
  private func valueInfo(_ value: Value, _ name: String, _ extra: OnnxValueInfoProto?)
    -> OnnxValueInfoProto?
  {
    var info = extra ?? OnnxValueInfoProto()
    info.name = name
    if let type = graph.type(of: value) {
      if (try? info.type.tensorType(of: name)) != type { info.type = OnnxTypeProto(type) }
    }
    return info.hasType ? info : nil
  }

  /// Types that a reader could not infer, because they stand behind what is not understood.
  private func valuesInBetween() -> [OnnxValueInfoProto] {
    let extras = Dictionary(carried.graph.valueInfo.map { ($0.name, $0) }) { first, _ in first }
    let outputs = Set(graph.outputs)
    var result: [OnnxValueInfoProto] = []
    for node in graph.nodes {
      let inferred =
        node.as(OpaqueOperator.self) == nil
        ? (try? graph.infer(node.operator, node.inputs, node: node.name)) ?? nil : nil
      for (index, output) in node.outputs.enumerated() {
        guard let output, !outputs.contains(output) else { continue }
        let extra = extras[graph.name(of: output)]
        let known = inferred.flatMap { index < $0.count ? $0[index].type : nil }
        guard extra != nil || known != graph.type(of: output) else { continue }
        if let info = valueInfo(output, names[output], extra) { result.append(info) }
      }
    }
    return result
  }
}
