import CPithKernels
import PithGraph
import PithTensors
import PithTraining

/// A layer as a regression: what its filters see at some places of some samples, and what they are
/// to give there. Kept are sums of products of the rows (x, 1, y), x being a patch and y the
/// numbers that are wanted, in float64.
struct LayerRegression {
  /// Places of the output that are looked at for each sample.
  static let placesOfSample = 10
  /// Share of the mean square of an input that a change of its weight costs: what the samples do
  /// not tell stays as it is.
  private static let damping = 1e-8
  /// Of the random numbers that draw places.
  static let stream: UInt64 = 0x4C41_5353 << 32

  let patches: LayerPatches
  /// Filters of a group whose targets are known: all of them or none.
  private let targets: Int
  private let inputs: Int
  /// By group.
  private(set) var sums: [SymmetricMatrix]
  /// The rows that were added.
  private(set) var count = 0

  init(_ patches: LayerPatches, hasTargets: Bool) {
    let layout = patches.layer.layout
    self.patches = patches
    targets = hasTargets ? layout.filters / max(layout.groups, 1) : 0
    inputs = layout.length
    sums = [SymmetricMatrix](
      repeating: SymmetricMatrix(order: layout.length + 1 + targets), count: layout.groups)
  }

  /// Bytes of the sums.
  var bytes: Int { sums.reduce(0) { $0 + $1.order * $1.order * 8 } }

  /// What the filters are to give.
  struct Target {
    let reading: WatchedNetworks.Reading
    /// The axis of the value that filters lie along.
    let axis: Int
    /// The place on that axis of each filter.
    let channels: [Int]

    /// Writes what filters of a group are to give at a place of a sample.
    fileprivate func write(
      _ group: Int, of filters: Int, _ sample: Int, _ place: Int,
      to row: UnsafeMutablePointer<Double>
    ) {
      let (strides, extent) = (reading.shape.strides, reading.shape[axis])
      let isLast = axis == strides.count - 1
      let start = sample * strides[0] + place * (isLast ? extent : 1)
      for filter in 0..<filters {
        let channel = channels[group * filters + filter]
        row[filter] = Double(reading.elements[start + channel * strides[axis]])
      }
    }
  }

  /// Adds some places of the first samples of a batch, drawn at random where there are more.
  mutating func add(
    _ source: LayerPatches.Source, _ input: WatchedNetworks.Reading, _ target: Target?,
    samples: Int, random: inout Philox
  ) {
    guard let start = input.elements.baseAddress, samples > 0, input.shape[0] > 0 else { return }
    let sample = input.elements.count / input.shape[0]
    let window =
      source.window?.patches(input.shape, patches.layer.layout)
      ?? Self.rows(sample / inputs, of: inputs)
    let places = window.output.0 * window.output.1
    guard places > 0, target.map({ $0.reading.holds(places, axis: $0.axis) }) ?? true else {
      return
    }
    let each = min(places, Self.placesOfSample)
    let chosen = (0..<samples).map { _ in
      (0..<each).map { places == each ? $0 : Int(random.next() % UInt64(places)) }
    }
    let channels = window.channels * window.input.0 * window.input.1
    let order = inputs + 1 + targets
    var rows = [Double](repeating: 0, count: samples * each * order)
    for group in sums.indices {
      rows.withUnsafeMutableBufferPointer { rows in
        guard var row = rows.baseAddress else { return }
        for (index, chosen) in chosen.enumerated() {
          let image = start + index * sample + group * channels
          for place in chosen {
            withUnsafePointer(to: window) { pith_patch($0, image, place, row) }
            row[inputs] = 1
            target?.write(group, of: targets, index, place, to: row + inputs + 1)
            row += order
          }
        }
      }
      sums[group].addProducts(of: rows, count: samples * each, scale: 1)
    }
    count += samples * each
  }

  /// Rows that are patches as they stand, seen as an image of one channel.
  private static func rows(_ count: Int, of length: Int) -> pith_patches {
    var result = pith_patches()
    result.channels = 1
    result.input = (count, length)
    result.kernel = (1, length)
    result.output = (count, 1)
    result.strides = (1, 1)
    result.dilations = (1, 1)
    return result
  }
}

extension LayerRegression {
  /// The sums of layers measured on samples, without targets.
  static func measured(
    _ layers: [LayerRegression], _ graph: Graph, _ data: TrainingData, _ context: Context
  ) throws -> [LayerRegression] {
    guard !layers.isEmpty else { return [] }
    var places: [Value: Int] = [:]
    for source in layers.flatMap(\.patches.sources) where places[source.value] == nil {
      places[source.value] = places.count
    }
    let values = places.sorted { $0.value < $1.value }.map(\.key)
    let networks = try WatchedNetworks([(graph, values)], data, samples: context.samples)
    var (layers, random) = (layers, Philox(seed: context.seed, stream: stream))
    try networks.forEachBatch { count, readings in
      for index in layers.indices {
        for source in layers[index].patches.sources {
          guard let place = places[source.value] else { continue }
          layers[index].add(source, readings[0][place], nil, samples: count, random: &random)
        }
      }
    }
    return layers
  }

  /// The products of patches about their means, of a layer without groups.
  func centered() -> SymmetricMatrix {
    var result = SymmetricMatrix(order: inputs)
    guard let sums = sums.first, count > 0 else { return result }
    for row in 0..<inputs {
      for column in 0...row {
        result[row, column] =
          sums[row, column] - sums[row, inputs] * sums[column, inputs] / Double(count)
      }
    }
    return result
  }

  /// Weights of all filters in the layer's layout, and what is added to what each gives.
  struct Solution {
    var weights: [Float]
    var intercepts: [Double]
  }

  /// The weights for which the layer gives as nearly as possible what is wanted, the sum of squares
  /// being counted; nil where the samples are too few to tell.
  ///
  /// - Parameter hasIntercept: whether what is added may change too.
  func fitted(_ start: Solution, hasIntercept: Bool) -> Solution? {
    let unknowns = hasIntercept ? inputs + 1 : inputs
    guard targets > 0, count >= 2 * unknowns else { return nil }
    var result = start
    for (group, sums) in sums.enumerated() {
      // What is missing yet, (filter, unknown).
      var right = [Double](repeating: 0, count: targets * unknowns)
      for filter in 0..<targets {
        let missing = sums.times(difference(of: start, group, filter))
        for place in 0..<unknowns { right[filter * unknowns + place] = -missing[place] }
      }
      guard let change = damped(sums, unknowns, right) else { return nil }
      for filter in 0..<targets {
        let whole = group * targets + filter
        for (place, index) in patches.layer.layout.indices(filter: whole).enumerated() {
          result.weights[index] += Float(change[filter * unknowns + place])
        }
        if hasIntercept { result.intercepts[whole] += change[filter * unknowns + inputs] }
      }
    }
    return result.weights.allSatisfy(\.isFinite) ? result : nil
  }

  /// The sum over places and filters of the squared difference to what is wanted.
  func error(of solution: Solution) -> Double {
    var error = 0.0
    for (group, sums) in sums.enumerated() {
      for filter in 0..<targets {
        let difference = difference(of: solution, group, filter)
        error += zip(difference, sums.times(difference)).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return max(error, 0)
  }

  /// The sum over places and filters of the squares of what is wanted, each filter's mean apart.
  var energy: Double {
    guard count > 0 else { return 0 }
    return sums.reduce(0) { energy, sums in
      (inputs + 1..<inputs + 1 + targets).reduce(energy) { energy, place in
        energy + sums[place, place] - sums[inputs, place] * sums[inputs, place] / Double(count)
      }
    }
  }

  /// What a row (x, 1, y) is multiplied with to give what a filter gives too much.
  private func difference(of solution: Solution, _ group: Int, _ filter: Int) -> [Double] {
    let whole = group * targets + filter
    var result = [Double](repeating: 0, count: inputs + 1 + targets)
    for (place, index) in patches.layer.layout.indices(filter: whole).enumerated() {
      result[place] = Double(solution.weights[index])
    }
    result[inputs] = solution.intercepts[whole]
    result[inputs + 1 + filter] = -1
    return result
  }

  /// Solves for changes of the unknowns, damped more where it takes that.
  private func damped(_ sums: SymmetricMatrix, _ unknowns: Int, _ right: [Double]) -> [Double]? {
    let mean = (0..<inputs).reduce(0) { $0 + sums[$1, $1] } / Double(max(inputs, 1))
    guard mean > 0 else { return nil }
    var (matrix, share) = (sums, Self.damping)
    while share < 1 {
      for place in 0..<inputs { matrix[place, place] = sums[place, place] + share * mean }
      if let change = matrix.solutions(at: Array(0..<unknowns), right, count: targets) {
        return change
      }
      share *= 10
    }
    return nil
  }
}

extension WatchedNetworks.Reading {
  /// Whether there is a number for each channel at each of so many places of a sample.
  fileprivate func holds(_ places: Int, axis: Int) -> Bool {
    shape.rank > axis && shape[0] > 0 && elements.count == shape[0] * places * shape[axis]
  }
}
