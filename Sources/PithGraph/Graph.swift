public import PithTensors

/// A network, a training step, or anything else that computes tensors from tensors: a value.
///
///     graph   = inputs weights node* outputs updates
///     node    = value* "=" operator(attributes) value*
///     updates = (weight "<-" value)*
///
/// Nodes stand in an order in which they can run. Types are inferred as nodes are added.
public struct Graph: Sendable {
  public var name: String
  public internal(set) var nodes: [Node] = []
  public private(set) var inputs: [Value] = []
  public internal(set) var outputs: [Value] = []
  /// Constants and trained parameters.
  public private(set) var weights: [Value: Tensor] = [:]
  /// Weights that take a new value after each run: the state of a training step.
  public internal(set) var updates: [Update] = []
  /// Facts about the model that are carried from file to file (producer, documentation, ...).
  public var metadata: [String: String] = [:]

  var facts: [Value: Fact] = [:]
  private var names: [Value: String] = [:]
  private var nextValue = 0
  private var nextNode = 0

  public struct Update: Sendable, Hashable {
    public var state: Value
    public var next: Value
  }

  public init(name: String = "network") { self.name = name }

  // MARK: - Looking

  /// What is known of a value; nil behind an operator that is not supported.
  public func fact(of value: Value) -> Fact? { facts[value] }

  public func type(of value: Value) -> TensorType? { facts[value]?.type }

  public func name(of value: Value) -> String { names[value] ?? "value\(value.id)" }

  public func value(named name: String) -> Value? {
    names.first { $0.value == name }?.key
  }

  public func node(_ id: Node.ID) -> Node? { nodes.first { $0.id == id } }

  /// The facts about a node's inputs, nil where absent.
  public func inputFacts(of node: Node) -> [Fact?] { node.inputs.map { $0.flatMap { facts[$0] } } }

  /// The weights in a fixed order: that in which nodes first use them.
  public var orderedWeights: [Value] { weights.keys.sorted { $0.id < $1.id } }

  // MARK: - Building

  private mutating func makeValue(_ name: String?, _ fact: Fact?) -> Value {
    let value = Value(id: nextValue)
    nextValue += 1
    if let name, !name.isEmpty { names[value] = name }
    facts[value] = fact
    return value
  }

  public mutating func addInput(_ name: String, _ type: TensorType?) -> Value {
    let value = makeValue(name, type.map { Fact($0) })
    inputs.append(value)
    return value
  }

  public mutating func addWeight(_ name: String?, _ tensor: Tensor) -> Value {
    let value = makeValue(name, Fact(constant: tensor))
    weights[value] = tensor
    return value
  }

  /// A constant with one element, of the given type.
  public mutating func addScalar(_ number: Float) -> Value {
    addWeight(nil, Tensor(scalar: number))
  }

  /// Adds a node behind all others and gives its outputs, whose types are inferred.
  ///
  /// - Parameter outputs: how many outputs to make; nil for as many as inference tells.
  @discardableResult
  public mutating func add(
    _ operator: any Operator, _ inputs: [Value?], name: String? = nil, outputs count: Int? = nil
  ) throws(GraphError) -> [Value] {
    let name = name ?? "\(`operator`.name)_\(nextNode)"
    let facts = try infer(`operator`, inputs, node: name)
    let outputs = (0..<(count ?? facts?.count ?? 1)).map { index in
      makeValue(nil, facts.flatMap { index < $0.count ? $0[index] : nil })
    }
    append(`operator`, inputs, outputs: outputs, name: name)
    return outputs
  }

  /// Adds a node with one output that matters.
  public mutating func add(_ operator: any Operator, _ inputs: Value?..., name: String? = nil)
    throws(GraphError) -> Value
  {
    try add(`operator`, inputs, name: name)[0]
  }

  /// A value for an output of a node added with `append`, with a type where it is known.
  public mutating func declare(_ name: String?, _ fact: Fact?) -> Value { makeValue(name, fact) }

  /// Adds a node whose outputs were declared before.
  @discardableResult
  public mutating func append(
    _ operator: any Operator, _ inputs: [Value?], outputs: [Value?], name: String,
    captured: [Value] = []
  ) -> Node.ID {
    let node = Node(
      id: nextNode, name: name, operator: `operator`, inputs: inputs, outputs: outputs,
      captured: captured)
    nextNode += 1
    nodes.append(node)
    return node.id
  }

  /// Infers the facts about a node's outputs; nil when an input's type is not known.
  public func infer(_ operator: any Operator, _ inputs: [Value?], node: String)
    throws(GraphError) -> [Fact]?
  {
    var known: [Fact?] = []
    for input in inputs {
      if let input {
        guard let fact = facts[input] else { return nil }
        known.append(fact)
      } else {
        known.append(nil)
      }
    }
    do {
      for fact in known { try fact?.type.requirePlausible() }
      let results = try `operator`.infer(known)
      for fact in results { try fact.type.requirePlausible() }
      return results
    } catch {
      throw .shape(node: node, operator: `operator`.name, error)
    }
  }

  public mutating func addOutput(_ value: Value, name: String? = nil) {
    if let name { names[value] = name }
    outputs.append(value)
  }

  public mutating func setOutputs(_ values: [Value]) { outputs = values }

  public mutating func setName(_ name: String, of value: Value) { names[value] = name }

  public mutating func setFact(_ fact: Fact?, of value: Value) { facts[value] = fact }

  /// Replaces a weight's tensor; its type may change with it.
  public mutating func setWeight(_ value: Value, _ tensor: Tensor) {
    weights[value] = tensor
    facts[value] = Fact(constant: tensor)
  }

  /// Turns an input into a weight, or adds the tensor to a value that had none.
  public mutating func fix(_ value: Value, _ tensor: Tensor) {
    inputs.removeAll { $0 == value }
    setWeight(value, tensor)
  }

  /// Makes `next` the value that `state` has after each run.
  public mutating func addUpdate(_ state: Value, to next: Value) {
    updates.append(Update(state: state, next: next))
  }

  /// Drops a weight that nothing refers to any more.
  package mutating func removeWeight(_ value: Value) {
    weights[value] = nil
    facts[value] = nil
  }

  mutating func takeNodeID() -> Int {
    nextNode += 1
    return nextNode - 1
  }
}
