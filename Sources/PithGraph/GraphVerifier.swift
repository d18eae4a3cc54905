import PithTensors

extension Graph {
  /// Checks what every transformation must leave true.
  ///
  /// Each value is made once, and before it is used; the outputs exist; an update changes a weight
  /// into a value of its type; what is noted of a value agrees with what inference says of it.
  ///
  /// - Throws: the first fault, naming node and value.
  public func verify() throws(GraphError) {
    var defined = try verifySources()
    var ids: Set<Node.ID> = []
    for node in nodes {
      guard ids.insert(node.id).inserted else {
        throw .invalid("node '\(node.name)' has the number \(node.id) of another node")
      }
      for value in node.inputs.compactMap(\.self) + node.captured
      where !defined.contains(value) {
        throw .invalid(
          "node '\(node.name)' (\(node.operator.name)) uses '\(name(of: value))', which nothing "
            + "before it makes")
      }
      for case let output? in node.outputs where !defined.insert(output).inserted {
        throw .invalid(
          "node '\(node.name)' (\(node.operator.name)) makes '\(name(of: output))', which is "
            + "made elsewhere too")
      }
      try verifyFacts(of: node)
    }
    for output in outputs where !defined.contains(output) {
      throw .invalid("output '\(name(of: output))' is made by no node")
    }
    for update in updates { try verify(update, defined) }
  }

  /// Inputs and weights: distinct, and as their facts say.
  private func verifySources() throws(GraphError) -> Set<Value> {
    var defined: Set<Value> = []
    for input in inputs where !defined.insert(input).inserted {
      throw .invalid("'\(name(of: input))' is an input twice")
    }
    for (value, tensor) in weights {
      guard defined.insert(value).inserted else {
        throw .invalid("'\(name(of: value))' is an input and a weight")
      }
      guard type(of: value) == TensorType(tensor.dtype, tensor.shape) else {
        throw .invalid(
          "weight '\(name(of: value))' is \(TensorType(tensor.dtype, tensor.shape)), but noted as "
            + (type(of: value)?.description ?? "unknown"))
      }
    }
    return defined
  }

  /// Types told by inference and types on record must leave room for a common value.
  private func verifyFacts(of node: Node) throws(GraphError) {
    let inferred: [Fact]?
    do {
      inferred = try infer(node.operator, node.inputs, node: node.name)
    } catch .shape(_, _, .notConstant) {
      return
    }
    for (output, fact) in zip(node.outputs, inferred ?? []) {
      guard let output, let noted = type(of: output) else { continue }
      guard noted.agrees(with: fact.type) else {
        throw .invalid(
          "node '\(node.name)' (\(node.operator.name)) makes '\(name(of: output))' of type "
            + "\(fact.type), but it is noted as \(noted)")
      }
    }
  }

  private func verify(_ update: Update, _ defined: Set<Value>) throws(GraphError) {
    guard let state = weights[update.state], defined.contains(update.next) else {
      throw .invalid(
        "the update of '\(name(of: update.state))' needs a weight there and a value to take over")
    }
    if let next = type(of: update.next) {
      guard next.agrees(with: TensorType(state.dtype, state.shape)) else {
        throw .invalid(
          "'\(name(of: update.state))' would become \(next) by its update, but is "
            + TensorType(state.dtype, state.shape).description)
      }
    }
  }
}

extension TensorType {
  /// Whether some value can be of both types: extents differ at most where one is not known.
  public func agrees(with other: TensorType) -> Bool {
    dtype == other.dtype && rank == other.rank
      && zip(dimensions, other.dimensions).allSatisfy { mine, theirs in
        guard let mine = mine.size, let theirs = theirs.size else { return true }
        return mine == theirs
      }
  }
}
