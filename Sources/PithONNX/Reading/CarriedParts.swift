import Foundation
import PithGraph
import SwiftProtobuf

/// The parts of a file that a graph has no place for: a model with nothing else in it.
struct CarriedParts {
  private(set) var model = OnnxModelProto()

  init(_ source: OnnxModelProto) {
    model.trainingInfo = source.trainingInfo
    model.functions = source.functions
    model.unknownFields = source.unknownFields
    var graph = OnnxGraphProto()
    graph.quantizationAnnotation = source.graph.quantizationAnnotation
    graph.metadataProps = source.graph.metadataProps
    graph.unknownFields = source.graph.unknownFields
    graph.input = source.graph.input.filter(\.isRich)
    graph.output = source.graph.output.filter(\.isRich)
    graph.valueInfo = source.graph.valueInfo.filter(\.isRich)
    graph.initializer = source.graph.initializer.compactMap { tensor in
      guard !tensor.docString.isEmpty || !tensor.metadataProps.isEmpty else { return nil }
      return .with {
        $0.name = tensor.name
        $0.docString = tensor.docString
        $0.metadataProps = tensor.metadataProps
      }
    }
    if graph != OnnxGraphProto() { model.graph = graph }
  }

  /// From the text that `text` gave; nil when it is none.
  init?(text: String) {
    guard let data = Data(base64Encoded: text),
      let model = try? OnnxModelProto(serializedBytes: data)
    else { return nil }
    self.model = model
  }

  /// Keeps what a node says besides what it computes.
  mutating func note(_ node: OnnxNodeProto, name: String) {
    guard
      !node.docString.isEmpty || !node.metadataProps.isEmpty || !node.overload.isEmpty
        || !node.unknownFields.data.isEmpty
    else { return }
    model.graph.node.append(
      .with {
        $0.name = name
        if !node.docString.isEmpty { $0.docString = node.docString }
        if !node.overload.isEmpty { $0.overload = node.overload }
        $0.metadataProps = node.metadataProps
        $0.unknownFields = node.unknownFields
      })
  }

  /// Nil when there is nothing to carry.
  var text: String? {
    model == OnnxModelProto() ? nil : Data(serialized(model)).base64EncodedString()
  }
}

extension OnnxValueInfoProto {
  /// Whether it says more than a name and the type of a tensor.
  fileprivate var isRich: Bool {
    !docString.isEmpty || !metadataProps.isEmpty || !type.isPlainTensor
  }
}
