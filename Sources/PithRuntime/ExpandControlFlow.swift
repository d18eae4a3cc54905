public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// Puts what they come to in the stead of If, Loop and Scan nodes whose course is known: the
  /// branch that is taken, the runs of a body one behind the other. Nodes whose course depends on
  /// what is computed while running stay.
  public mutating func expandControlFlow() throws(GraphError) {
    guard nodes.contains(where: { $0.operator is any ControlFlowOperator }) else { return }
    foldConstants()
    while let (id, expanded) = try nextExpansion() {
      self = expanded
      removeNodes([id])
      try sortTopologically()
      try inferAll()
      foldConstants()
    }
  }

  /// The first node whose course is known, and the graph with its results in place.
  private func nextExpansion() throws(GraphError) -> (Node.ID, Graph)? {
    for node in nodes where node.operator is any ControlFlowOperator {
      var expansion = ControlFlowExpansion(self)
      guard let results = try expansion.results(of: node) else { continue }
      var graph = expansion.graph
      for (output, result) in zip(node.outputs, results) {
        guard let output, let result else { continue }
        // The result may be an input, or leave the graph under several names.
        let isOutput = outputs.contains(output)
        graph.replaceUses(
          of: output, with: isOutput ? try graph.add(Identity(), result) : result)
      }
      return (node.id, graph)
    }
    return nil
  }
}

/// Writes out one node of control flow in a copy of its graph.
private struct ControlFlowExpansion {
  private(set) var graph: Graph
  private let states: Set<Value>
  private var nodeCount = 0

  /// More than this is no longer written out.
  private static let mostRuns = 4096
  private static let mostNodes = 1 << 16
  /// Constants of more elements than this are left for later.
  private static let largestConstant = 1 << 16

  init(_ graph: Graph) {
    self.graph = graph
    states = Set(graph.updates.map(\.state))
  }

  /// The values that come out of a node, nil where one is not wanted; nil where its course is not
  /// known.
  mutating func results(of node: Node) throws(GraphError) -> [Value?]? {
    switch node.operator {
    case let branches as If: try results(of: branches, node)
    case let loop as Loop: try results(of: loop, node)
    case let scan as Scan: try results(of: scan, node)
    default: nil
    }
  }

  private mutating func results(of branches: If, _ node: Node) throws(GraphError) -> [Value?]? {
    guard let condition = node.inputs.first ?? nil, let known = known(condition), known.count == 1,
      let branch = branches.branch(known.integers[0] != 0)
    else { return nil }
    var body = Splice(branch)
    return try run(&body, [], node)
  }

  private mutating func results(of loop: Loop, _ node: Node) throws(GraphError) -> [Value?]? {
    let carriedCount = loop.carriedCount
    guard node.inputs.count >= carriedCount + 2 || carriedCount == 0 else { return nil }
    var carried = node.inputs.dropFirst(2).compactMap(\.self)
    guard carried.count == carriedCount, let limit = count(node), var goesOn = condition(node)
    else { return nil }
    var body = Splice(loop.body)
    var stacks = [[Value]](repeating: [], count: loop.body.graph.outputs.count - 1 - carriedCount)
    var number = 0
    while goesOn, number < limit {
      guard number < Self.mostRuns else { return nil }
      let own = [
        graph.addWeight(nil, Tensor(scalar: Int64(number))),
        graph.addWeight(nil, Tensor(scalar: true)),
      ]
      guard let results = try run(&body, own + carried, node), let next = known(results[0]),
        next.count == 1
      else { return nil }
      goesOn = next.integers[0] != 0
      carried = Array(results.dropFirst().prefix(carriedCount))
      for index in stacks.indices { stacks[index].append(results[1 + carriedCount + index]) }
      number += 1
    }
    var results: [Value?] = carried
    for (output, parts) in zip(node.outputs.dropFirst(carriedCount), stacks) {
      guard let output else {
        results.append(nil)
        continue
      }
      guard let stack = try stacked(parts, axis: 0, output) else { return nil }
      results.append(stack)
    }
    return results
  }

  private mutating func results(of scan: Scan, _ node: Node) throws(GraphError) -> [Value?]? {
    let values = node.inputs.compactMap(\.self)
    guard values.count == scan.carriedCount + scan.sources.count else { return nil }
    var carried = Array(values.prefix(scan.carriedCount))
    let sources = values.dropFirst(scan.carriedCount)
    guard let length = length(of: sources, scan), length <= Self.mostRuns else { return nil }
    var body = Splice(scan.body)
    var stacks = [[Value]](repeating: [], count: scan.stacks.count)
    for number in 0..<length {
      var elements: [Value] = []
      for (source, course) in zip(sources, scan.sources) {
        let place = Int64(course.isReversed ? length - 1 - number : number)
        let index = graph.addWeight(nil, Tensor(scalar: place))
        elements.append(try graph.add(Gather(axis: course.axis), source, index))
      }
      guard let results = try run(&body, carried + elements, node) else { return nil }
      carried = Array(results.prefix(scan.carriedCount))
      for index in stacks.indices { stacks[index].append(results[scan.carriedCount + index]) }
    }
    var results: [Value?] = carried
    for (parts, course) in zip(stacks, scan.stacks) {
      let parts = course.isReversed ? parts.reversed() : parts
      guard let stack = try stacked(parts, axis: course.axis, nil) else { return nil }
      results.append(stack)
    }
    return results
  }

  // MARK: - What is known

  private func known(_ value: Value) -> Tensor? {
    if states.contains(value) { return nil }
    return graph.weights[value] ?? graph.fact(of: value)?.knownTensor
  }

  /// The largest number of runs of a loop; nil where it is not known.
  private func count(_ node: Node) -> Int? {
    guard let value = node.inputs.first ?? nil else { return .max }
    guard let known = known(value), known.count == 1 else { return nil }
    return known.integers[0]
  }

  /// Whether a loop runs at all; nil where it is not known.
  private func condition(_ node: Node) -> Bool? {
    guard let value = node.inputs.dropFirst().first ?? nil else { return true }
    guard let known = known(value), known.count == 1 else { return nil }
    return known.integers[0] != 0
  }

  /// The common extent of what a scan takes apart; nil where it is not known.
  private func length(of sources: ArraySlice<Value>, _ scan: Scan) -> Int? {
    var lengths: Set<Int> = []
    for (source, course) in zip(sources, scan.sources) {
      guard let type = graph.type(of: source) else { return nil }
      let axis = course.axis < 0 ? course.axis + type.rank : course.axis
      guard type.dimensions.indices.contains(axis), let size = type.dimensions[axis].size else {
        return nil
      }
      lengths.insert(size)
    }
    return lengths.count == 1 ? lengths.first : nil
  }

  // MARK: - Writing out

  /// A body with its constants, which all runs share.
  private struct Splice {
    let subgraph: Subgraph
    var constants: [Value: Value]?

    init(_ subgraph: Subgraph) { self.subgraph = subgraph }
  }

  /// Adds the nodes of a body for one run and gives its outputs; nil when it becomes too much.
  private mutating func run(_ splice: inout Splice, _ own: [Value], _ node: Node)
    throws(GraphError) -> [Value]?
  {
    let body = splice.subgraph.graph
    guard splice.subgraph.ownInputs == own.count,
      splice.subgraph.captured.allSatisfy(node.captured.indices.contains)
    else { return nil }
    if splice.constants == nil {
      var constants: [Value: Value] = [:]
      for weight in body.orderedWeights {
        if let tensor = body.weights[weight] { constants[weight] = graph.addWeight(nil, tensor) }
      }
      splice.constants = constants
    }
    var values = splice.constants ?? [:]
    let arguments = own + splice.subgraph.captured.map { node.captured[$0] }
    for (input, argument) in zip(body.inputs, arguments) { values[input] = argument }
    for inner in body.nodes {
      nodeCount += 1
      guard nodeCount <= Self.mostNodes else { return nil }
      try add(inner, of: node, &values)
    }
    let results = body.outputs.compactMap { values[$0] }
    return results.count == body.outputs.count ? results : nil
  }

  /// Adds a node of a body, or its value where that is known at once.
  private mutating func add(_ inner: Node, of node: Node, _ values: inout [Value: Value])
    throws(GraphError)
  {
    var copy = inner
    copy.name = "\(node.name)/\(inner.name)_\(nodeCount)"
    copy.inputs = inner.inputs.map { $0.flatMap { values[$0] } }
    copy.captured = inner.captured.compactMap { values[$0] }
    if let tensors = value(of: copy) {
      for (output, tensor) in zip(inner.outputs, tensors) {
        if let output, let tensor { values[output] = graph.addWeight(nil, tensor) }
      }
      return
    }
    let facts = try graph.infer(copy.operator, copy.inputs, node: copy.name) ?? []
    copy.outputs = inner.outputs.indices.map { index in
      inner.outputs[index] == nil
        ? nil : graph.declare(nil, index < facts.count ? facts[index] : nil)
    }
    for (output, made) in zip(inner.outputs, copy.outputs) {
      if let output { values[output] = made }
    }
    graph.append(
      copy.operator, copy.inputs, outputs: copy.outputs, name: copy.name, captured: copy.captured)
  }

  private func value(of node: Node) -> [Tensor?]? {
    guard node.captured.isEmpty, !(node.operator is OpaqueOperator),
      !(node.operator is any ControlFlowOperator)
    else { return nil }
    var constants: [Tensor?] = []
    for input in node.inputs {
      guard let input else {
        constants.append(nil)
        continue
      }
      guard let tensor = known(input), tensor.count <= Self.largestConstant else { return nil }
      constants.append(tensor)
    }
    return try? graph.evaluate(node, constants)
  }

  /// Values put side by side along a new axis; without any, what is declared, if it is empty.
  private mutating func stacked(_ parts: [Value], axis: Int, _ declared: Value?)
    throws(GraphError) -> Value?
  {
    guard !parts.isEmpty else {
      guard let declared, var type = graph.type(of: declared), !type.dimensions.isEmpty else {
        return nil
      }
      type.dimensions[0] = 0
      return type.shape.map { graph.addWeight(nil, Tensor(type.dtype, $0)) }
    }
    let axes = graph.addWeight(nil, Tensor([Int64(axis)]))
    var slices: [Value] = []
    for part in parts { slices.append(try graph.add(Unsqueeze(), part, axes)) }
    return try graph.add(Concat(axis: axis), slices)[0]
  }
}
