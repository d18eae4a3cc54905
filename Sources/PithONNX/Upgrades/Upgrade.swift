import PithGraph
import PithTensors

/// One change of an operator's form between two versions of the operator set, and how a node of
/// the old form is put into the new one.
struct Upgrade: Sendable {
  let operators: [String]
  /// The operator-set version that brought the new form.
  let version: Int
  let apply: @Sendable (inout NodeRewrite) throws(UpgradeRefusal) -> Void

  init(
    _ operators: String..., since version: Int,
    _ apply: @escaping @Sendable (inout NodeRewrite) throws(UpgradeRefusal) -> Void
  ) {
    self.operators = operators
    self.version = version
    self.apply = apply
  }
}

/// Every change between the oldest version read and the current one that is not a mere addition
/// (of element types, of attributes with a neutral default): a concern a file.
let upgrades: [Upgrade] =
  attributeToInputUpgrades + normalizationUpgrades + resizeUpgrades + softmaxUpgrades
  + renamingUpgrades

enum UpgradeTable {
  /// The oldest operator set that is read.
  static let oldest = 7
  /// The newest that is known: since the current one, the operators that are known here were only
  /// given more element types and attributes with neutral defaults.
  static let newest = 26

  private static let byOperator: [String: [Upgrade]] = {
    var table: [String: [Upgrade]] = [:]
    for upgrade in upgrades.sorted(by: { $0.version < $1.version }) {
      for name in upgrade.operators { table[name, default: []].append(upgrade) }
    }
    return table
  }()

  /// The first change of an operator after a version.
  static func next(for kind: String, after version: Int) -> Upgrade? {
    byOperator[kind]?.first { $0.version > version }
  }

  /// Whether some operator in the graph, or deeper, has changed since a version.
  static func changes(in graph: OnnxGraphProto, since version: Int) -> Bool {
    graph.node.contains { node in
      (standardDomains.contains(node.domain) && next(for: node.opType, after: version) != nil)
        || node.attribute.contains { attribute in
          attribute.subgraphs.contains { changes(in: $0, since: version) }
        }
    }
  }
}

/// Why a node has no equivalent in the current form.
struct UpgradeRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A node by the names of its values.
struct NodeForm {
  var name: String
  var kind: String
  var domain = ""
  /// Empty where an optional input is left out.
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: AttributeValue] = [:]
  /// What subgraphs in the attributes use of the surrounding graph.
  var captured: [String] = []
}

/// A node on its way from an old form to the current one, which may take more nodes than one.
struct NodeRewrite {
  var node: NodeForm
  /// Nodes in their current form that must run before, and after, the node itself.
  private(set) var before: [NodeForm] = []
  private(set) var after: [NodeForm] = []
  /// New constants by name.
  private(set) var constants: [(name: String, tensor: Tensor)] = []
  /// What is known of the inputs.
  private let facts: [String: Fact]
  /// The outputs that somebody uses.
  private let usedOutputs: Set<String>
  /// Every name there is, so that new ones differ.
  var names: NameSet

  init(_ node: NodeForm, facts: [String: Fact], usedOutputs: Set<String>, names: NameSet) {
    self.node = node
    self.facts = facts
    self.usedOutputs = usedOutputs
    self.names = names
  }

  func inputFact(_ index: Int) -> Fact? {
    index < node.inputs.count && !node.inputs[index].isEmpty ? facts[node.inputs[index]] : nil
  }

  /// Makes a constant the input in a slot.
  mutating func setInput(_ slot: Int, _ tensor: Tensor, named role: String) {
    let name = names.fresh("\(node.name)_\(role)")
    constants.append((name, tensor))
    while node.inputs.count <= slot { node.inputs.append("") }
    node.inputs[slot] = name
  }

  /// A constant for a node of `before` or `after`.
  mutating func constant(_ tensor: Tensor, named role: String) -> String {
    let name = names.fresh("\(node.name)_\(role)")
    constants.append((name, tensor))
    return name
  }

  /// Runs another node first and gives its output's name.
  mutating func insertBefore(
    _ kind: String, _ inputs: [String], _ attributes: [String: AttributeValue] = [:]
  ) -> String {
    let name = names.fresh("\(node.name)_\(kind)")
    before.append(
      NodeForm(name: name, kind: kind, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  /// Runs another node on the first output; the result takes that output's name.
  mutating func insertAfter(
    _ kind: String, _ others: [String], _ attributes: [String: AttributeValue] = [:]
  ) {
    let name = names.fresh("\(node.name)_\(kind)")
    let inner = names.fresh("\(node.name)_inner")
    after.append(
      NodeForm(
        name: name, kind: kind, inputs: [inner] + others, outputs: [node.outputs[0]],
        attributes: attributes))
    node.outputs[0] = inner
  }

  /// Takes away the outputs from an index on, which nobody may use.
  mutating func dropOutputs(from index: Int, because reason: String) throws(UpgradeRefusal) {
    guard !node.outputs.dropFirst(index).contains(where: usedOutputs.contains) else {
      throw UpgradeRefusal(reason)
    }
    node.outputs = Array(node.outputs.prefix(index))
  }

  // MARK: - Attributes

  mutating func takeInts(_ name: String) throws(UpgradeRefusal) -> [Int]? {
    switch node.attributes.removeValue(forKey: name) {
    case .ints(let values): return values
    case nil: return nil
    default: throw UpgradeRefusal("attribute '\(name)' must be a list of whole numbers")
    }
  }

  mutating func takeFloats(_ name: String) throws(UpgradeRefusal) -> [Float]? {
    switch node.attributes.removeValue(forKey: name) {
    case .floats(let values): return values
    case nil: return nil
    default: throw UpgradeRefusal("attribute '\(name)' must be a list of numbers")
    }
  }

  mutating func takeInt(_ name: String) throws(UpgradeRefusal) -> Int? {
    switch node.attributes.removeValue(forKey: name) {
    case .int(let value): return value
    case nil: return nil
    default: throw UpgradeRefusal("attribute '\(name)' must be a whole number")
    }
  }

  mutating func takeFloat(_ name: String) throws(UpgradeRefusal) -> Float? {
    switch node.attributes.removeValue(forKey: name) {
    case .float(let value): return value
    case nil: return nil
    default: throw UpgradeRefusal("attribute '\(name)' must be a number")
    }
  }

  mutating func takeString(_ name: String) throws(UpgradeRefusal) -> String? {
    switch node.attributes.removeValue(forKey: name) {
    case .string(let value): return value
    case nil: return nil
    default: throw UpgradeRefusal("attribute '\(name)' must be a word")
    }
  }

  /// The element type of an input, for constants that must have the same.
  func dtype(ofInput index: Int) throws(UpgradeRefusal) -> DType {
    guard let fact = inputFact(index) else {
      throw UpgradeRefusal("the element type of its input \(index) is not known")
    }
    return fact.dtype
  }
}

extension Tensor {
  static func int64(_ values: [Int]) -> Tensor { Tensor(values.map(Int64.init)) }
}
