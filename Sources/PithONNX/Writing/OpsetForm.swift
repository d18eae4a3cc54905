import PithGraph

/// The versions of the operator sets that a file is written in, and what can be said in them.
struct OpsetForm {
  /// The version of ONNX's own operators.
  let version: Int
  /// Every domain with its version, ONNX's own first.
  let imports: [(domain: String, version: Int)]

  init(_ graph: Graph) throws(ONNXError) {
    let given = graph.metadata[ONNXMetadata.opset].flatMap { Int($0) } ?? Attributes.currentOpset
    guard (UpgradeTable.oldest...1000).contains(given) else {
      throw .notExpressible("operator set \(given) is not written")
    }
    // A graph in the current form may hold operators that came later.
    let needed = graph.nodes.map { Self.introduced[$0.operator.name] ?? 1 }.max() ?? 1
    version = given < Attributes.currentOpset ? given : max(given, needed)
    var domains: [String: Int] = [:]
    for entry in (graph.metadata[ONNXMetadata.domains] ?? "").split(separator: " ") {
      guard let sign = entry.lastIndex(of: "=") else { continue }
      domains[String(entry[..<sign])] = Int(entry[entry.index(after: sign)...])
    }
    for node in graph.nodes where domains[node.operator.onnxDomain] == nil {
      domains[node.operator.onnxDomain] = 1
    }
    domains[""] = nil
    imports = [("", version)] + domains.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Makes sure that a node means the same in this version as it does here.
  func check(_ node: Node) throws(ONNXError) {
    if node.as(OpaqueOperator.self) != nil { return }
    let kind = node.operator.name
    let domain = node.operator.onnxDomain
    guard domain != "pith" else {
      throw .notExpressible("node '\(node.name)': \(kind) is not an ONNX operator")
    }
    guard domain.isEmpty, version < Attributes.currentOpset else { return }
    let introduced = Self.introduced[kind] ?? 1
    let attribute = node.operator.attributes.values.keys.sorted().first {
      (Self.added[kind]?[$0] ?? 1) > version
    }
    guard introduced <= version, attribute == nil,
      UpgradeTable.next(for: kind, after: version) == nil
    else {
      throw .notExpressible(
        "node '\(node.name)' (\(kind)) has no form in operator set \(version), which the model "
          + "keeps for the sake of nodes that are not supported")
    }
  }

  /// When operators that came after version 7 did so.
  private static let introduced = [
    "Expand": 8, "Acosh": 9, "Asinh": 9, "Atanh": 9, "ConstantOfShape": 9, "Cosh": 9, "Erf": 9,
    "EyeLike": 9, "IsNaN": 9, "MaxUnpool": 9, "MeanVarianceNormalization": 9, "NonZero": 9,
    "OneHot": 9, "Scan": 9, "Shrink": 9, "Sign": 9, "Sinh": 9, "Where": 9, "DequantizeLinear": 10,
    "IsInf": 10, "MatMulInteger": 10, "Mod": 10, "QLinearConv": 10, "QLinearMatMul": 10,
    "QuantizeLinear": 10, "Resize": 10, "RoiAlign": 10, "ThresholdedRelu": 10, "BitShift": 11,
    "CumSum": 11, "DynamicQuantizeLinear": 11, "GatherElements": 11, "GatherND": 11, "Range": 11,
    "Round": 11, "ScatterElements": 11, "ScatterND": 11, "Celu": 12, "Einsum": 12,
    "GreaterOrEqual": 12, "LessOrEqual": 12, "NegativeLogLikelihoodLoss": 12,
    "SoftmaxCrossEntropyLoss": 12, "HardSwish": 14, "Trilu": 14, "CastLike": 15,
    "LayerNormalization": 17, "BitwiseAnd": 18, "BitwiseNot": 18, "BitwiseOr": 18,
    "BitwiseXor": 18, "GroupNormalization": 18, "Mish": 18, "Gelu": 20, "RMSNormalization": 23,
    "Swish": 24,
  ]

  /// Attributes that operators were given after version 7.
  private static let added: [String: [String: Int]] = [
    "AveragePool": ["ceil_mode": 10, "dilations": 19],
    "Cast": ["saturate": 19],
    "DequantizeLinear": ["axis": 13, "block_size": 21],
    "MaxPool": ["ceil_mode": 10, "dilations": 10, "storage_order": 8],
    "QuantizeLinear": ["axis": 13, "block_size": 21, "output_dtype": 21, "saturate": 19],
    "Reshape": ["allowzero": 14],
    "ScatterElements": ["reduction": 16],
    "ScatterND": ["reduction": 16],
    "Shape": ["end": 15, "start": 15],
  ]
}
