import PithGraph

/// Writes what a file says about itself into a graph's metadata.
struct ModelFacts {
  private let model: OnnxModelProto
  private let sourceOpset: Int
  private let opset: Int
  private let carried: CarriedParts

  init(_ model: OnnxModelProto, sourceOpset: Int, opset: Int, _ carried: CarriedParts) {
    self.model = model
    self.sourceOpset = sourceOpset
    self.opset = opset
    self.carried = carried
  }

  func record(in graph: inout Graph) {
    var facts: [String: String] = [:]
    for entry in model.metadataProps where !entry.key.hasPrefix(ONNXMetadata.privatePrefix) {
      facts[entry.key] = entry.value
    }
    let origin = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
    if !origin.isEmpty, model.producerName != "pith", facts[ONNXMetadata.origin] == nil {
      facts[ONNXMetadata.origin] = origin.joined(separator: " ")
    }
    facts[ONNXMetadata.opset] = String(opset)
    facts[ONNXMetadata.sourceOpset] = String(sourceOpset)
    facts[ONNXMetadata.irVersion] = String(model.irVersion)
    let domains = model.opsetImport.filter { !standardDomains.contains($0.domain) }
    if !domains.isEmpty {
      facts[ONNXMetadata.domains] =
        domains.map { "\($0.domain)=\($0.version)" }.sorted().joined(separator: " ")
    }
    if model.hasDomain { facts[ONNXMetadata.modelDomain] = model.domain }
    if model.hasModelVersion { facts[ONNXMetadata.modelVersion] = String(model.modelVersion) }
    if model.hasDocString { facts[ONNXMetadata.documentation] = model.docString }
    if model.graph.hasDocString {
      facts[ONNXMetadata.graphDocumentation] = model.graph.docString
    }
    facts[ONNXMetadata.carried] = carried.text
    graph.metadata = facts
  }
}
