/// Who makes and who uses each value of a graph, at the moment it was asked.
public struct Connections: Sendable {
  /// The position in `graph.nodes` of the node that makes a value.
  public let producer: [Value: Int]
  /// The positions of the nodes that use a value, each once, in order.
  public let consumers: [Value: [Int]]
  public let outputs: Set<Value>

  init(_ graph: Graph) {
    var producer: [Value: Int] = [:]
    var consumers: [Value: [Int]] = [:]
    for (position, node) in graph.nodes.enumerated() {
      for case let output? in node.outputs { producer[output] = position }
      for input in node.inputs.compactMap(\.self) + node.captured
      where consumers[input]?.last != position {
        consumers[input, default: []].append(position)
      }
    }
    self.producer = producer
    self.consumers = consumers
    outputs = Set(graph.outputs).union(graph.updates.map(\.next))
  }

  /// The position of the only node that uses `value`, nil if there are several or it leaves the
  /// graph.
  public func soleConsumer(of value: Value) -> Int? {
    guard !outputs.contains(value), let users = consumers[value], users.count == 1 else {
      return nil
    }
    return users[0]
  }
}

extension Graph {
  public var connections: Connections { Connections(self) }

  /// Puts `replacement` wherever `value` was used, outputs included (which keep their name).
  public mutating func replaceUses(of value: Value, with replacement: Value) {
    for position in nodes.indices {
      for slot in nodes[position].inputs.indices where nodes[position].inputs[slot] == value {
        nodes[position].inputs[slot] = replacement
      }
      for slot in nodes[position].captured.indices where nodes[position].captured[slot] == value {
        nodes[position].captured[slot] = replacement
      }
    }
    if outputs.contains(value) {
      let name = name(of: value)
      setName(name + "_replaced", of: value)
      setName(name, of: replacement)
      outputs = outputs.map { $0 == value ? replacement : $0 }
    }
    updates = updates.map {
      Update(state: $0.state, next: $0.next == value ? replacement : $0.next)
    }
  }

  /// Changes a node in place and infers its outputs' types again.
  public mutating func modify(_ id: Node.ID, _ body: (inout Node) -> Void) throws(GraphError) {
    guard let position = nodes.firstIndex(where: { $0.id == id }) else { return }
    body(&nodes[position])
    try inferOutputs(at: position)
  }

  /// Adds a node directly before another and gives its outputs.
  public mutating func insert(
    _ operator: any Operator, _ inputs: [Value?], before id: Node.ID, name: String? = nil
  ) throws(GraphError) -> [Value] {
    let position = nodes.firstIndex { $0.id == id } ?? nodes.endIndex
    let outputs = try add(`operator`, inputs, name: name)
    let node = nodes.removeLast()
    nodes.insert(node, at: position)
    return outputs
  }

  /// Adds a copy of a node with other inputs of the same types directly before another node, and
  /// gives its outputs: new values, absent where the node's are.
  public mutating func insertCopy(
    of node: Node, inputs: [Value?], before id: Node.ID, name: String
  ) -> [Value?] {
    let position = nodes.firstIndex { $0.id == id } ?? nodes.endIndex
    let outputs = node.outputs.map { $0.map { declare(nil, facts[$0]) } }
    append(node.operator, inputs, outputs: outputs, name: name, captured: node.captured)
    let copy = nodes.removeLast()
    nodes.insert(copy, at: position)
    return outputs
  }

  public mutating func removeNodes(_ ids: Set<Node.ID>) {
    nodes.removeAll { ids.contains($0.id) }
  }

  /// Drops nodes and weights that no output and no update depends on. Inputs stay.
  public mutating func removeUnused() {
    var live = Set(outputs).union(updates.flatMap { [$0.state, $0.next] })
    var kept: [Node] = []
    for node in nodes.reversed() {
      guard node.outputs.contains(where: { $0.map(live.contains) ?? false }) else { continue }
      kept.append(node)
      live.formUnion(node.inputs.compactMap(\.self))
      live.formUnion(node.captured)
    }
    nodes = kept.reversed()
    for value in weights.keys where !live.contains(value) { removeWeight(value) }
  }

  /// Drops weights that no node, output or update refers to.
  public mutating func removeUnusedWeights() {
    var used = Set(outputs).union(updates.flatMap { [$0.state, $0.next] })
    for node in nodes {
      used.formUnion(node.inputs.compactMap(\.self))
      used.formUnion(node.captured)
    }
    for value in weights.keys where !used.contains(value) { removeWeight(value) }
  }

  /// Infers every node's types again, from the graph's inputs on.
  public mutating func inferAll() throws(GraphError) {
    for position in nodes.indices { try inferOutputs(at: position) }
  }

  private mutating func inferOutputs(at position: Int) throws(GraphError) {
    let node = nodes[position]
    guard let inferred = try infer(node.operator, node.inputs, node: node.name) else { return }
    for (output, fact) in zip(node.outputs, inferred) {
      if let output { facts[output] = fact }
    }
  }

  /// Gives named dimensions their sizes and infers all types again.
  public func binding(_ sizes: [String: Int]) throws(GraphError) -> Graph {
    var result = self
    for input in inputs {
      guard var type = type(of: input) else { continue }
      type.dimensions = type.dimensions.map { dimension in
        if case .named(let name) = dimension, let size = sizes[name] { return .fixed(size) }
        return dimension
      }
      result.facts[input] = Fact(type)
    }
    try result.inferAll()
    return result
  }

  /// Gives the inputs, in their order, fixed types and infers all types again.
  public func binding(inputs types: [TensorType]) throws(GraphError) -> Graph {
    var result = self
    for (input, type) in zip(inputs, types) { result.facts[input] = Fact(type) }
    try result.inferAll()
    return result
  }

  /// The graph with its nodes in an order in which they can run.
  public mutating func sortTopologically() throws(GraphError) {
    var ready = Set(inputs).union(weights.keys)
    let made = Set(nodes.flatMap { $0.outputs.compactMap(\.self) })
    // Values nobody makes (captured from nowhere) never block.
    var waiting: [Value: [Int]] = [:]
    var missing = [Int](repeating: 0, count: nodes.count)
    for (position, node) in nodes.enumerated() {
      for value in Set(node.inputs.compactMap(\.self) + node.captured)
      where made.contains(value) && !ready.contains(value) {
        waiting[value, default: []].append(position)
        missing[position] += 1
      }
    }
    var queue = nodes.indices.filter { missing[$0] == 0 }
    var order: [Node] = []
    var head = 0
    while head < queue.count {
      let node = nodes[queue[head]]
      head += 1
      order.append(node)
      for case let output? in node.outputs where ready.insert(output).inserted {
        for position in waiting[output] ?? [] {
          missing[position] -= 1
          if missing[position] == 0 { queue.append(position) }
        }
      }
    }
    guard order.count == nodes.count else {
      throw .cycle(nodes.indices.filter { missing[$0] > 0 }.map { nodes[$0].name })
    }
    nodes = order
  }
}
