package import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors

/// A network together with its loss, gradients and optimizer: one graph whose run is one step.
///
/// Values of the network keep their identity, so that trained weights are read back by the values
/// of the graph this was made from.
struct TrainingGraph {
  /// Inputs in order: samples, labels (N) int32 or targets, learning rate, and the teacher's logits
  /// where the loss needs them. Outputs: loss, and for classes the number of right answers.
  private(set) var graph: Graph
  /// Trained weights and running statistics, in a fixed order.
  private(set) var trained: [Value] = []
  /// The running statistics among them.
  private(set) var statistics: Set<Value> = []
  /// Nil for a regression.
  private(set) var classes: Int?
  /// The mask of each weight that has one.
  private(set) var masks: [Value: Value] = [:]
  /// The optimizer's memory, in the order of `trained`.
  private(set) var slots: [Value] = []
  /// Nodes of the forward pass, the loss included: the first of the graph.
  private(set) var forwardCount = 0
  /// The number of the step (int32), from 1: state that each step counts up.
  let step: Value
  /// What a method added.
  private(set) var added = AddedTerms()

  /// What the network computes with in the place of weights that are trained behind their masks.
  private var products: [Value: Value] = [:]

  /// - Parameters:
  ///   - latent: weights of those masked that are trained on behind their masks.
  ///   - addition: what a method adds.
  ///   - target: the shape of one sample's target; nil for classes.
  ///   - rules: what is fused before gradients are added.
  init(
    _ network: Graph, _ settings: TrainingSettings, frozen: Set<Value>, masked: [Value: Tensor],
    latent: Set<Value> = [], addition: (any TrainingAddition)? = nil, target: Shape? = nil,
    rules: [any Rewrite] = trainingRules
  ) throws {
    graph = try network.withBatch(settings.batch)
    graph.removeUnused()
    guard graph.inputs.count == 1 else { throw TrainingError.inputs(graph.inputs.count) }
    let parameters = graph.parameters().filter {
      $0.role != .statistic && $0.form != .quantized && !frozen.contains($0.root)
    }
    guard !parameters.isEmpty else { throw TrainingError.noParameters }
    guard graph.outputs.count == 1 else { throw TrainingError.outputs(graph.outputs.count) }
    if target == nil { try graph.classifierLogits() }
    step = graph.addWeight("step", Tensor([1 as Int32], []))
    try graph.replaceDropout(active: settings.usesDropout, seed: settings.seed, step: step)
    let statistics =
      settings.freezesStatistics
      ? []
      : try graph.useBatchStatistics(momentum: settings.statisticsMomentum) { node in
        node.inputs[1...2].allSatisfy { $0.map(frozen.contains) ?? true }
      }
    let states = parameters.map(\.root) + statistics.map(\.running) + [step]
    for value in states { graph.forgetConstant(value) }
    for parameter in parameters where latent.contains(parameter.root) {
      guard let mask = masked[parameter.root] else { continue }
      try addProduct(parameter.root, mask)
    }
    if let addition {
      added = try addition.add(to: &graph, step: step)
      for value in added.parameters.map(\.value) + added.states { graph.forgetConstant(value) }
    }
    try graph.inferAll()
    if let target {
      try addSquaredError(to: target)
    } else {
      try addClassificationLoss(settings)
    }
    try graph.rewrite(with: rules, keepsUnused: true)
    forwardCount = graph.nodes.count
    try addUpdates(parameters, settings, masked)
    for statistic in statistics {
      graph.addUpdate(statistic.running, to: try statistic.add(to: &graph))
      trained.append(statistic.running)
      self.statistics.insert(statistic.running)
    }
    guard !slots.isEmpty else { throw TrainingError.noParameters }
    let one = graph.addWeight("one step", Tensor([1 as Int32], []))
    graph.addUpdate(step, to: try graph.add(Add(), step, one, name: "count step"))
    try graph.verifyStates()
  }

  /// Puts weight times mask in the place of a weight.
  private mutating func addProduct(_ weight: Value, _ tensor: Tensor) throws {
    try checkMask(tensor, of: weight)
    guard let user = graph.nodes.first(where: { $0.inputs.contains(weight) }) else { return }
    let mask = graph.addWeight("\(graph.name(of: weight)).mask", tensor)
    graph.forgetConstant(mask)
    let product = try graph.insert(Mul(), [weight, mask], before: user.id)[0]
    graph.replaceUses(of: weight, with: product)
    if let node = graph.nodes.first(where: { $0.output == product }) {
      try graph.modify(node.id) { $0.inputs[0] = weight }
    }
    masks[weight] = mask
    products[weight] = product
  }

  private func checkMask(_ mask: Tensor, of weight: Value) throws(TrainingError) {
    let shape = graph.weights[weight]?.shape ?? []
    guard mask.dtype != .float32 || mask.shape != shape else { return }
    throw .weight(graph.name(of: weight), reason: "its mask is \(mask.shape), it is \(shape)")
  }

  private mutating func addSquaredError(to target: Shape) throws {
    let output = graph.outputs[0]
    guard let type = graph.type(of: output), type.dtype == .float32, let shape = type.shape,
      shape.count > 0
    else { throw TrainingError.outputShape(graph.type(of: output)?.description ?? "?") }
    try shape.check(targets: target)
    let targets = graph.addInput("targets", type)
    _ = graph.addInput("learning rate", TensorType(.float32, [Dimension]()))
    let results = try graph.add(SquaredError(), [output, targets])
    graph.setOutputs([])
    graph.addOutput(results[0], name: "loss")
  }

  private mutating func addClassificationLoss(_ settings: TrainingSettings) throws {
    let logits = graph.outputs[0]
    guard let type = graph.type(of: logits), type.rank == 2, let classes = type.dimensions[1].size,
      type.dtype == .float32
    else { throw TrainingError.outputShape(graph.type(of: logits)?.description ?? "?") }
    self.classes = classes
    let labels = graph.addInput("labels", TensorType(.int32, [type.dimensions[0]]))
    _ = graph.addInput("learning rate", TensorType(.float32, [Dimension]()))
    let teacher = settings.loss.needsTeacher ? graph.addInput("teacher", type) : nil
    let results = try graph.add(ClassificationLoss(settings.loss), [logits, labels, teacher])
    graph.setOutputs([])
    graph.addOutput(results[0], name: "loss")
    graph.addOutput(results[2], name: "correct")
  }

  private mutating func addUpdates(
    _ parameters: [Parameter], _ settings: TrainingSettings, _ masked: [Value: Tensor]
  ) throws {
    let rule = settings.optimizer.rule
    let seed = graph.addWeight("one", Tensor(scalar: Float(1)))
    let roots = parameters.map(\.root)
    var seeds = [graph.outputs[0]: seed]
    if let loss = added.loss { seeds[loss] = seed }
    let gradients = try graph.addGradients(
      from: seeds, for: roots.map { products[$0] ?? $0 } + added.parameters.map(\.value),
      sum: Add())
    for (parameter, gradient) in zip(parameters, gradients) {
      guard let gradient else { continue }
      let root = parameter.root
      let shape = graph.weights[root]?.shape ?? []
      if let mask = masked[root] { try checkMask(mask, of: root) }
      let memory = (0..<rule.slotCount).map { slot in
        graph.addWeight("\(graph.name(of: root)).slot\(slot)", Tensor(.float32, shape))
      }
      let isLatent = products[root] != nil
      let mask =
        isLatent ? nil : masked[root].map { graph.addWeight("\(graph.name(of: root)).mask", $0) }
      for state in memory + [mask].compactMap(\.self) { graph.forgetConstant(state) }
      let decays = parameter.role == .weight && parameter.form == .plain
      let update = OptimizerUpdate(rule, decay: decays ? Float(settings.weightDecay) : 0)
      let next = try graph.add(
        update, [root, gradient, graph.inputs[2], step, mask] + memory,
        name: "update \(graph.name(of: root))")
      for (state, value) in zip([root] + memory, next) { graph.addUpdate(state, to: value) }
      if let mask { masks[root] = mask }
      if let mask = masks[root] { graph.addUpdate(mask, to: mask) }
      trained.append(root)
      slots += memory
    }
    try addUpdatesOfAdded(gradients.suffix(added.parameters.count), rule)
  }

  private mutating func addUpdatesOfAdded(_ gradients: some Sequence<Value?>, _ rule: UpdateRule)
    throws
  {
    for (parameter, gradient) in zip(added.parameters, gradients) {
      guard let gradient else { continue }
      let name = graph.name(of: parameter.value)
      let shape = graph.weights[parameter.value]?.shape ?? []
      let memory = (0..<rule.slotCount).map { slot in
        graph.addWeight("\(name).slot\(slot)", Tensor(.float32, shape))
      }
      for state in memory { graph.forgetConstant(state) }
      let rate = try graph.add(Mul(), graph.inputs[2], graph.addScalar(parameter.rate))
      let next = try graph.add(
        OptimizerUpdate(rule, decay: 0), [parameter.value, gradient, rate, step, nil] + memory,
        name: "update \(name)")
      for (state, value) in zip([parameter.value] + memory, next) {
        graph.addUpdate(state, to: value)
      }
      slots += memory
    }
    let updated = Set(graph.updates.map(\.state))
    for state in added.parameters.map(\.value) + added.states where !updated.contains(state) {
      graph.addUpdate(state, to: state)
    }
  }
}

/// A running mean or variance that training keeps up to date.
struct RunningStatistic {
  var running: Value
  var batch: Value
  var data: Value
  var momentum: Float
  var isVariance: Bool

  func add(to graph: inout Graph) throws(GraphError) -> Value {
    try graph.add(
      RunningAverage(momentum: momentum, isVariance: isVariance),
      isVariance ? [running, batch, data] : [running, batch])[0]
  }
}

extension Graph {
  /// The value of a state is not known when the graph is compiled.
  mutating func forgetConstant(_ value: Value) {
    if let type = type(of: value) { setFact(Fact(type), of: value) }
  }

  /// Makes dropout active, each layer with a stream of its own, or takes it out.
  mutating func replaceDropout(active: Bool, seed: UInt64, step: Value) throws {
    var stream: UInt32 = 0
    for id in nodes.map(\.id) {
      guard let node = self.node(id), node.operator is Dropout, let input = node.inputs[0],
        let output = node.output
      else { continue }
      var replacement = input
      let ratio = active ? try dropoutRatio(of: node) : 0
      if ratio > 0 {
        let dropout = DropoutTraining(ratio: ratio, seed: seed, stream: stream)
        replacement = try insert(dropout, [input, step], before: node.id, name: node.name)[0]
        stream += 1
      }
      replaceUses(of: output, with: replacement)
      removeNodes([node.id])
    }
  }

  private func dropoutRatio(of node: Node) throws -> Float {
    guard node.inputs.count > 1, let input = node.inputs[1] else { return 0.5 }
    guard let ratio = fact(of: input)?.knownTensor?.floats.first, (0...1).contains(ratio) else {
      throw TrainingError.dropout(node.name)
    }
    return ratio
  }

  /// Makes the scores before a final softmax the only output, as rows (N, C), and gives them.
  @discardableResult
  package mutating func classifierLogits() throws -> Value {
    guard outputs.count == 1 else { throw TrainingError.outputs(outputs.count) }
    var logits = outputs[0]
    let connections = self.connections
    for _ in 0..<8 {
      guard let position = connections.producer[logits],
        let input = nodes[position].inputs.first, let input
      else { break }
      switch nodes[position].operator {
      case is Softmax, is LogSoftmax, is Identity: logits = input
      case is Flatten, is Reshape, is Squeeze:
        // Only worth passing when a softmax stands before it.
        guard let before = connections.producer[input],
          nodes[before].operator is Softmax || nodes[before].operator is LogSoftmax
        else { return try rows(logits) }
        logits = input
      default: return try rows(logits)
      }
    }
    return try rows(logits)
  }

  private mutating func rows(_ logits: Value) throws -> Value {
    var logits = logits
    guard let type = type(of: logits) else { throw TrainingError.outputShape("?") }
    if type.rank > 2 {
      let sizes = type.dimensions.dropFirst().compactMap(\.size)
      guard sizes.reduce(1, *) == sizes.max() else {
        throw TrainingError.outputShape(type.description)
      }
      logits = try add(Flatten(axis: 1), [logits])[0]
    }
    setOutputs([logits])
    removeUnused()
    return logits
  }

  /// Turns normalisation with stored statistics into normalisation over the batch, and tells which
  /// statistics to keep up to date.
  ///
  /// - Parameter isFrozen: tells which normalisations keep their statistics.
  mutating func useBatchStatistics(
    momentum: Float, except isFrozen: (Node) -> Bool = { _ in false }
  ) throws(GraphError) -> [RunningStatistic] {
    var statistics: [RunningStatistic] = []
    for id in nodes.map(\.id) {
      guard let node = self.node(id), let normalization = node.as(BatchNormalization.self),
        let output = node.output, let data = node.inputs[0], let mean = node.inputs[3],
        let variance = node.inputs[4], weights[mean] != nil, weights[variance] != nil,
        !isFrozen(node)
      else { continue }
      let made = try insert(
        BatchNormalizationTraining(epsilon: normalization.epsilon),
        [data, node.inputs[1], node.inputs[2]], before: node.id, name: node.name)
      replaceUses(of: output, with: made[0])
      removeNodes([node.id])
      for (running, batch) in [(mean, made[1]), (variance, made[2])] {
        statistics.append(
          RunningStatistic(
            running: running, batch: batch, data: data, momentum: momentum,
            isVariance: running == variance))
      }
    }
    return statistics
  }

  /// A state that two nodes update would depend on their order.
  func verifyStates() throws(GraphError) {
    var seen: Set<Value> = []
    for update in updates where !seen.insert(update.state).inserted {
      throw .invalid("'\(name(of: update.state))' is updated twice")
    }
  }
}
