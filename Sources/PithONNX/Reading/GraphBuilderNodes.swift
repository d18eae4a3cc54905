import PithGraph
import PithOperators
import PithTensors

extension GraphBuilder {
  /// Adds a node of the file, brought to the current form where that is wanted.
  mutating func add(_ proto: OnnxNodeProto, name: String) throws(ONNXError) {
    guard !proto.opType.isEmpty else {
      throw .node(name: name, operator: "?", problem: "it has no operator type")
    }
    guard proto.output.contains(where: { !$0.isEmpty }) else {
      throw .node(name: name, operator: proto.opType, problem: "it has no output")
    }
    let isStandard = standardDomains.contains(proto.domain)
    let node = NodeForm(
      name: name, kind: proto.opType, domain: isStandard ? "" : proto.domain,
      inputs: proto.input, outputs: proto.output,
      attributes: try document.tensors.attributes(of: proto, raw: .lifted),
      captured: proto.attribute.sorted { $0.name < $1.name }.captured)

    if isFunction(proto) {
      try addOpaque(node, reason: "it calls a function that the file defines")
    } else if !isStandard {
      try addCurrent(node)
    } else if case .asInFile(let reason) = form {
      if UpgradeTable.next(for: node.kind, after: opset) != nil {
        try addOpaque(node, reason: "it keeps the form of operator set \(opset): \(reason)")
      } else {
        try addCurrent(node)
      }
    } else if proto.attribute.flatMap(\.subgraphs).contains(where: {
      UpgradeTable.changes(in: $0, since: opset)
    }) {
      guard UpgradeTable.next(for: node.kind, after: opset) == nil,
        let kind = operatorType(named: node.kind, domain: "") as? any ControlFlowOperator.Type
      else {
        unchangeable = "node '\(name)' (\(node.kind)) holds operators of older forms"
        return
      }
      try addControlFlow(kind, node)
    } else {
      try addUpgraded(node)
    }
  }

  private mutating func addUpgraded(_ node: NodeForm) throws(ONNXError) {
    var version = opset
    guard UpgradeTable.next(for: node.kind, after: version) != nil else {
      return try addCurrent(node)
    }
    var facts: [String: Fact] = [:]
    for name in node.inputs { facts[name] = values[name].flatMap { graph.fact(of: $0) } }
    var rewrite = NodeRewrite(
      node, facts: facts, usedOutputs: names.used.intersection(node.outputs), names: taken)
    taken = NameSet()
    do {
      while let upgrade = UpgradeTable.next(for: rewrite.node.kind, after: version) {
        try upgrade.apply(&rewrite)
        version = upgrade.version
      }
    } catch {
      unchangeable = "node '\(node.name)' (\(node.kind)): \(error.reason)"
      return
    }
    taken = rewrite.names
    for (name, tensor) in rewrite.constants { try addWeight(name, tensor) }
    for form in rewrite.before + [rewrite.node] + rewrite.after { try addCurrent(form) }
  }

  /// Adds a node in its current form.
  private mutating func addCurrent(_ node: NodeForm) throws(ONNXError) {
    // Operators of our own domain are for training steps and never stand in a file.
    guard node.domain != "pith",
      let type = operatorType(named: node.kind, domain: node.domain)
    else { return try addOpaque(node, reason: nil) }
    if let kind = type as? any ControlFlowOperator.Type {
      return try addControlFlow(kind, node)
    }
    let made: any Operator
    do {
      made = try type.init(Attributes(try boundedAttributes(of: node)))
    } catch let error as AttributeError {
      guard case .unsupported = error else { throw node.fault(error.description) }
      return try addOpaque(node, reason: error.description)
    } catch let error as ONNXError {
      throw error
    } catch {
      throw node.fault("\(error)")
    }
    if let pool = made as? MaxPool, node.outputs.count > 1, names.used.contains(node.outputs[1]) {
      return try addKnown(pool.withPlaces, node)
    }
    try addKnown(made, node)
  }

  private mutating func addKnown(_ made: any Operator, _ node: NodeForm) throws(ONNXError) {
    let inputs = try resolve(node.inputs, of: node)
    let inferred: [Fact]?
    do {
      inferred = try graph.infer(made, inputs, node: node.name)
    } catch .shape(_, _, .type(let input, let dtype)) {
      let reason = "its input \(input) is \(dtype.rawValue), which is not supported"
      return try addOpaque(node, reason: reason)
    } catch .shape(_, _, .notConstant) {
      inferred = nil
    } catch .shape(_, _, let error) {
      throw node.fault(error.description)
    } catch {
      throw node.fault(error.description)
    }
    var outputs = node.outputs
    if let inferred, outputs.count > inferred.count {
      guard !outputs.dropFirst(inferred.count).contains(where: names.used.contains) else {
        return try addOpaque(
          node, reason: "its output \(inferred.count) is used, which is not supported")
      }
      outputs = Array(outputs.prefix(inferred.count))
    }
    for fact in inferred ?? [] {
      if let fault = SizeLimits.fault(in: fact.type) { throw node.fault("of its output, \(fault)") }
    }
    try append(made, inputs, outputs, inferred, node)
  }

  mutating func addOpaque(_ node: NodeForm, reason: String?) throws(ONNXError) {
    let made = OpaqueOperator(
      kind: node.kind, domain: node.domain, attributes: Attributes(node.attributes),
      reason: reason)
    try append(made, try resolve(node.inputs, of: node), node.outputs, nil, node)
  }

  mutating func append(
    _ made: any Operator, _ inputs: [Value?], _ outputs: [String], _ inferred: [Fact]?,
    _ node: NodeForm
  ) throws(ONNXError) {
    let captured = try resolve(node.captured, of: node).compactMap(\.self)
    var results: [Value?] = []
    for (index, name) in outputs.enumerated() {
      guard !name.isEmpty else {
        results.append(nil)
        continue
      }
      let fact = try merged(inferred?[index], name, node)
      let value = graph.declare(name, fact)
      values[name] = value
      results.append(value)
    }
    graph.append(made, inputs, outputs: results, name: node.name, captured: captured)
  }

  // MARK: - Parts

  func resolve(_ names: [String], of node: NodeForm) throws(ONNXError) -> [Value?] {
    var result: [Value?] = []
    for name in names {
      guard !name.isEmpty else {
        result.append(nil)
        continue
      }
      guard let value = values[name] else {
        throw node.fault("its input '\(name)' is made by no node and is no input or weight")
      }
      result.append(value)
    }
    while result.last == .some(nil) { result.removeLast() }
    return result
  }

  /// What inference and the file together say of a value. Inference goes first; the file may add
  /// names and sizes it cannot know.
  private mutating func merged(_ inferred: Fact?, _ name: String, _ node: NodeForm)
    throws(ONNXError) -> Fact?
  {
    guard let declared = names.types[name] else { return inferred }
    guard var fact = inferred else { return Fact(declared) }
    guard fact.dtype == declared.dtype else {
      throw node.fault(
        "its output '\(name)' is \(fact.dtype.rawValue), but declared as "
          + declared.dtype.rawValue)
    }
    guard fact.type.agrees(with: declared) else {
      warnings.append(
        "'\(name)' is declared as \(declared), but node '\(node.name)' (\(node.kind)) makes "
          + "\(fact.type); the declaration is ignored")
      return fact
    }
    fact.type.dimensions = zip(fact.dimensions, declared.dimensions).map { $0.refined(by: $1) }
    return fact
  }

  /// The attributes, once no number in them is beyond what arithmetic on shapes can bear.
  private func boundedAttributes(of node: NodeForm) throws(ONNXError) -> [String: AttributeValue] {
    let range = -SizeLimits.attribute...SizeLimits.attribute
    var result = node.attributes
    for (name, value) in node.attributes {
      switch value {
      case .int(let number) where !range.contains(number) && node.kind == "Shape":
        result[name] = .int(number < 0 ? range.lowerBound : range.upperBound)
      case .int(let number) where !range.contains(number):
        throw node.fault("attribute '\(name)' cannot be \(number)")
      case .ints(let numbers):
        if let number = numbers.first(where: { !range.contains($0) }) {
          throw node.fault("attribute '\(name)' cannot contain \(number)")
        }
      default: break
      }
    }
    return result
  }
}

extension NodeForm {
  func fault(_ problem: String) -> ONNXError { .node(name: name, operator: kind, problem: problem) }
}
