import PithGraph
import PithOperators
import PithTensors

/// Turns a parsed file into a graph: names become values, old forms current ones, operators that
/// are not known opaque ones.
struct GraphBuilder {
  /// What version of ONNX's operators the graph is to be in.
  enum Form {
    /// The current one; nodes are brought up to it.
    case current
    /// The file's own: nodes whose form has changed since stay opaque, for `reason`.
    case asInFile(reason: String)
  }

  let document: ModelDocument
  let form: Form
  /// The file's version of ONNX's operators.
  let opset: Int

  var graph: Graph
  var values: [String: Value] = [:]
  var warnings: [String] = []
  /// Why the file has to be read again in its own form, once that is known.
  var unchangeable: String?

  let names: FileNames
  /// Every name of a value, those made here included.
  var taken: NameSet
  private var nodeNames = NameSet()
  private let functions: Set<String>

  init(_ document: ModelDocument, opset: Int, form: Form) throws(ONNXError) {
    self.document = document
    self.opset = opset
    self.form = form
    graph = Graph(name: document.proto.graph.name)
    names = try FileNames(document.proto)
    taken = NameSet(names.all)
    functions = Set(
      document.proto.functions.map { Self.functionKey($0.domain, $0.name, $0.overload) })
  }

  /// The finished graph, or nil with `unchangeable` set.
  mutating func build() throws(ONNXError) -> Graph? {
    let proto = document.proto.graph
    try addInputs(proto)
    try addWeights(proto)
    var carried = CarriedParts(document.proto)
    for index in try NodeOrder(proto.node, names).order {
      let node = proto.node[index]
      if node.opType == "Constant", standardDomains.contains(node.domain), !isFunction(node) {
        try addConstant(node)
      } else {
        let name = uniqueName(of: node, index)
        carried.note(node, name: name)
        try add(node, name: name)
      }
      guard unchangeable == nil else { return nil }
    }
    try addOutputs(proto)
    // An upgrade may have left out what the old form needed.
    if document.proto.trainingInfo.isEmpty { graph.removeUnusedWeights() }
    ModelFacts(document.proto, sourceOpset: opset, opset: targetOpset, carried)
      .record(in: &graph)
    return graph
  }

  var targetOpset: Int {
    if case .current = form { max(opset, Attributes.currentOpset) } else { opset }
  }

  // MARK: - Inputs, weights, outputs

  private mutating func addInputs(_ proto: OnnxGraphProto) throws(ONNXError) {
    for input in proto.input where !names.initializers.contains(input.name) {
      values[input.name] = graph.addInput(input.name, names.types[input.name])
    }
  }

  private mutating func addWeights(_ proto: OnnxGraphProto) throws(ONNXError) {
    for initializer in proto.initializer where isNeeded(initializer.name) {
      let tensor = try document.tensors.tensor(
        initializer, name: initializer.name, raw: .lifted)
      try addWeight(initializer.name, tensor)
    }
    for sparse in proto.sparseInitializer where isNeeded(sparse.values.name) {
      let tensor = try document.tensors.dense(sparse, name: sparse.values.name)
      try addWeight(sparse.values.name, tensor)
    }
  }

  mutating func addWeight(_ name: String, _ tensor: Tensor) throws(ONNXError) {
    if let declared = names.types[name],
      !declared.agrees(with: TensorType(tensor.dtype, tensor.shape))
    {
      throw .tensor(
        name: name,
        problem: "it is \(TensorType(tensor.dtype, tensor.shape)), but declared as \(declared)")
    }
    values[name] = graph.addWeight(name, tensor)
  }

  /// Weights nobody uses are left behind, unless training information may speak of them.
  private func isNeeded(_ name: String) -> Bool {
    names.used.contains(name) || !document.proto.trainingInfo.isEmpty
  }

  private mutating func addConstant(_ node: OnnxNodeProto) throws(ONNXError) {
    guard let name = node.output.first, isNeeded(name) else { return }
    let tensor = try document.tensors.constant(node)
    try addWeight(name, tensor)
  }

  private mutating func addOutputs(_ proto: OnnxGraphProto) throws(ONNXError) {
    for output in proto.output {
      guard let value = values[output.name] else {
        throw .graph("output '\(output.name)' is made by no node")
      }
      if let declared = names.types[output.name], let type = graph.type(of: value),
        declared.dtype != type.dtype
      {
        throw .graph("output '\(output.name)' is \(type), but declared as \(declared)")
      }
      graph.addOutput(value)
    }
  }

  // MARK: - Names

  static func functionKey(_ domain: String, _ name: String, _ overload: String) -> String {
    "\(standardDomains.contains(domain) ? "" : domain)\0\(name)\0\(overload)"
  }

  func isFunction(_ node: OnnxNodeProto) -> Bool {
    !functions.isEmpty
      && functions.contains(Self.functionKey(node.domain, node.opType, node.overload))
  }

  private mutating func uniqueName(of node: OnnxNodeProto, _ index: Int) -> String {
    nodeNames.fresh(node.name.isEmpty ? "\(node.opType)_\(index)" : node.name)
  }
}
