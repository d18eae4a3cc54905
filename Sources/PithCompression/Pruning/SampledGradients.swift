import CPithKernels
package import PithData
package import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors
package import PithTraining

/// Gradients of a network on samples of the training data, its weights and statistics being fixed.
package struct SampledGradients {
  package enum Quantity: Sendable {
    /// Of the mean loss of a batch: cross-entropy with the labels, or the squared error.
    case loss
    /// Of the answers in directions v of which the mean of v v^T is the curvature of the loss at
    /// the answers: the squares of these gradients add up to the Gauss-Newton diagonal.
    case curvature
  }

  /// Answers up to which every direction is taken; of more answers one direction is drawn per
  /// batch.
  private static let mostDirections = 10

  private let executable: Executable
  private let loader: Loader
  private let quantity: Quantity
  private let seed: UInt64
  /// The number of a sample's answers.
  private let answers: Int
  private let isRegression: Bool
  /// The output that holds the gradient of each value; nil where the answers do not depend on it.
  private let outputs: [Int?]

  /// - Parameters:
  ///   - values: weights, or other parameters.
  ///   - samples: how many to take, at equal distances, of the training data.
  package init(
    _ network: Graph, of values: [Value], _ quantity: Quantity, _ data: TrainingData,
    samples: Int, batch: Int, seed: UInt64
  ) throws {
    let split = data.train.spread(samples)
    isRegression = split.targetShape != nil
    guard isRegression || split.labels != nil || quantity == .curvature else {
      throw TrainingError.noLabels
    }
    loader = try Loader(
      split, batch: max(1, min(batch, split.count)), preprocessing: data.preprocessing,
      dropLast: true)
    var graph = try network.forInference()
      .withSample(Shape(Array(loader.shape.dimensions.dropFirst()))).withBatch(loader.shape[0])
    try graph.check(input: loader.shape)
    try graph.removeDropout()
    let answer: Value
    if isRegression {
      guard graph.outputs.count == 1 else { throw TrainingError.outputs(graph.outputs.count) }
      answer = graph.outputs[0]
    } else {
      answer = try graph.classifierLogits()
    }
    let type = graph.type(of: answer)
    guard let shape = type?.shape, type?.dtype == .float32, shape.count > 0,
      shape.dimensions.first == loader.shape[0], isRegression || shape.rank == 2
    else { throw TrainingError.outputShape(type?.description ?? "?") }
    if let largest = split.labels?.max(), !isRegression, Int(largest) >= shape[1] {
      throw TrainingError.classes(network: shape[1], data: Int(largest) + 1)
    }
    answers = shape.count / shape[0]
    self.quantity = quantity
    self.seed = seed
    let upstream = try graph.addUpstream(answer, quantity, isRegression: isRegression)
    let gradients = try graph.addGradients(from: [answer: upstream], for: values, sum: Add())
    var outputs: [Int?] = []
    var made: [Value] = []
    for gradient in gradients {
      outputs.append(gradient.map { _ in made.count })
      if let gradient { made.append(gradient) }
    }
    self.outputs = outputs
    graph.setOutputs(made)
    graph.removeUnused()
    executable = try Executable(graph)
  }

  /// Calls `body` with the gradient of each value, row-major, nil where the answers do not depend
  /// on it: once for each batch, or for each batch and direction.
  ///
  /// - Returns: the number of batches.
  package func run(_ body: ([UnsafeBufferPointer<Float>?]) throws -> Void) throws -> Int {
    var random = Philox(seed: seed, stream: 0x4F42_4401 << 32)
    var count = 0
    let isExact = answers <= Self.mostDirections
    let directions = quantity == .curvature && isExact ? answers : 1
    try loader.epoch(0) { batch in
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      for direction in 0..<directions {
        let input = executable.inputBytes(1)
        switch quantity {
        case .loss where isRegression:
          input.copyMemory(from: UnsafeRawBufferPointer(batch.paddedTargets))
        case .loss: input.copyMemory(from: UnsafeRawBufferPointer(batch.paddedLabels))
        case .curvature:
          let chosen = input.bindMemory(to: Float.self)
          for index in chosen.indices {
            chosen[index] =
              isExact
              ? index % answers == direction ? 1 : 0
              : random.next() >> 63 == 0 ? 1 : -1
          }
        }
        executable.execute()
        try body(
          outputs.map { $0.map { executable.outputBytes($0).bindMemory(to: Float.self) } })
      }
      count += 1
    }
    return count
  }
}

/// Means over the batches of a parameter's gradient.
package struct GradientMoments {
  /// E[g^2]
  package var squares: [Double]
  /// E[|g|]
  package var magnitudes: [Double]

  fileprivate mutating func add(_ gradient: UnsafeBufferPointer<Float>) {
    pith_add_moments(gradient.baseAddress, gradient.count, &squares, &magnitudes)
  }
}

extension SampledGradients {
  /// Moments of the gradients of values with so many elements each.
  package func moments(_ counts: [Int]) throws -> [GradientMoments] {
    var result = counts.map { count in
      let zeros = [Double](repeating: 0, count: count)
      return GradientMoments(squares: zeros, magnitudes: zeros)
    }
    let batches = try run { gradients in
      for (index, gradient) in gradients.enumerated() {
        guard let gradient, gradient.count == counts[index] else { continue }
        result[index].add(gradient)
      }
    }
    let share = 1 / Double(max(batches, 1))
    for index in result.indices {
      for place in 0..<counts[index] {
        result[index].squares[place] *= share
        result[index].magnitudes[place] *= share
      }
    }
    return result
  }
}

extension Graph {
  /// Adds what turns labels, targets or a direction, the graph's second input from now on, into the
  /// derivative of the quantity with respect to the answers.
  fileprivate mutating func addUpstream(
    _ answer: Value, _ quantity: SampledGradients.Quantity, isRegression: Bool
  ) throws -> Value {
    guard let type = type(of: answer) else { return answer }
    switch quantity {
    case .loss where isRegression:
      return try add(SquaredError(), [answer, addInput("targets", type)], outputs: 2)[1]
    case .loss:
      let labels = addInput("labels", TensorType(.int32, [type.dimensions[0]]))
      return try add(ClassificationLoss(.crossEntropy()), [answer, labels], outputs: 3)[1]
    case .curvature where isRegression:
      // The squared error's curvature is 2 / n of the unit matrix.
      let direction = addInput("direction", type)
      let scale = (2 / Float(max(type.shape?.count ?? 1, 1))).squareRoot()
      return try add(Mul(), direction, addScalar(scale))
    case .curvature:
      // S v of diag(p) - p p^T = S S^T, with S = diag(r) - p r^T and r the root of p.
      let direction = addInput("direction", type)
      let share = try add(Softmax(), answer)
      let root = try add(Sqrt(), share)
      let scaled = try add(Mul(), root, direction)
      let sum = try add(ReduceSum(keepsAxes: true), scaled, addWeight(nil, Tensor([1 as Int64])))
      return try add(Sub(), scaled, add(Mul(), share, sum))
    }
  }

  /// Takes dropout out.
  fileprivate mutating func removeDropout() throws {
    for node in nodes where node.operator is Dropout {
      guard let input = node.inputs[0], let output = node.output else { continue }
      replaceUses(of: output, with: input)
      removeNodes([node.id])
    }
  }
}

extension PithData.Split {
  /// So many samples, or all there are, at equal distances.
  package func spread(_ samples: Int) -> PithData.Split {
    let taken = max(0, min(samples, count))
    return taken == count ? self : subset((0..<taken).map { $0 * count / taken })
  }
}
