import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Derivatives of the loss with respect to gates that multiply channels, all gates being open,
/// without the gates: with a normalisation gamma dL/dgamma + beta dL/dbeta, with other layers the
/// sum of w dL/dw over what makes the channel. Layers that make the same channels add up.
struct ChannelGateGradients {
  private let groups: [PruningGroup]
  private let graph: Graph
  /// For each group its parameters that a gate would multiply.
  private let makers: [[PruningGroup.Member]]

  init(_ groups: [PruningGroup], in graph: Graph) {
    self.groups = groups
    self.graph = graph
    var (scales, makers): (Set<Value>, Set<Value>) = ([], [])
    for parameter in graph.parameters() where parameter.role != .statistic {
      guard graph.weights[parameter.root]?.dtype == .float32 else { continue }
      let isNormalization = graph.node(parameter.node)?.operator is BatchNormalization
      makers.insert(parameter.root)
      if isNormalization { scales.insert(parameter.root) }
    }
    self.makers = groups.map { group in
      let made = group.constants.filter { !$0.isReading && makers.contains($0.axis.value) }
      let normalized = made.filter { scales.contains($0.axis.value) }
      return normalized.isEmpty ? made : normalized
    }
  }

  /// For each channel of each group the mean over batches of the squared derivative of the batch's
  /// loss.
  func meanSquares(batch: Int, criterion: String, _ context: Context) throws -> [[Double]] {
    guard let data = context.data, data.train.count > 0 else {
      throw CompressionError.needsData(
        method: ChannelPruning.name, why: "criterion \(criterion) looks at samples")
    }
    let values = Set(makers.flatMap { $0.map(\.axis.value) }).sorted { $0.id < $1.id }
    let weights = values.map { graph.weights[$0] ?? Tensor([Float]()) }
    let positions = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
    let gradients = try SampledGradients(
      graph, of: values, .loss, data, samples: context.samples, batch: batch, seed: context.seed)
    var result = groups.map { [Double](repeating: 0, count: $0.count) }
    let batches = try gradients.run { gradients in
      for (index, members) in makers.enumerated() {
        var sums = [Double](repeating: 0, count: groups[index].count)
        for member in members {
          guard let position = positions[member.axis.value], let gradient = gradients[position]
          else { continue }
          add(gradient, weights[position], member, to: &sums)
        }
        for channel in sums.indices { result[index][channel] += sums[channel] * sums[channel] }
      }
    }
    for index in result.indices {
      for channel in result[index].indices { result[index][channel] /= Double(max(batches, 1)) }
    }
    return result
  }

  /// Adds each channel's products of weights and gradients.
  private func add(
    _ gradient: UnsafeBufferPointer<Float>, _ weight: Tensor, _ member: PruningGroup.Member,
    to sums: inout [Double]
  ) {
    let (extent, inner) = (member.extent, weight.shape.strides[member.axis.axis])
    guard gradient.count == weight.count else { return }
    var lines = [Double](repeating: 0, count: extent)
    weight.read(as: Float.self) { weight in
      var start = 0
      while start < weight.count {
        for place in 0..<extent {
          var sum = 0.0
          for index in start..<(start + inner) {
            sum += Double(weight[index]) * Double(gradient[index])
          }
          lines[place] += sum
          start += inner
        }
      }
    }
    for channel in sums.indices {
      for place in member.places[channel] { sums[channel] += lines[place] }
    }
  }
}
