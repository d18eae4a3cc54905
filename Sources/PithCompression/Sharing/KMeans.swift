import PithTensors

/// Lloyd's algorithm on a line: values are sorted once, clusters are ranges of them, and sums come
/// from running totals, so an iteration costs clusters times log(values). A cluster that has lost
/// all its values takes half of those of the widest spread one.
public struct KMeans: Sendable {
  /// How the first centroids are chosen, by recipe word.
  public enum Initialization: String, Sendable, Hashable, CaseIterable {
    /// Values drawn at random.
    case forgy
    /// Equal steps of the cumulative distribution.
    case density
    /// Equal steps from the smallest to the largest value: keeps large weights (Han et al. 2016).
    case linear
    /// Values drawn with probability in proportion to the squared distance from those drawn before
    /// (Arthur and Vassilvitskii 2007).
    case plusPlus = "k-means++"
  }

  /// Ascending.
  public private(set) var centroids: [Float]
  /// Sum of squared distances of values to their centroids.
  public private(set) var inertia: Double = 0

  /// Clusters `values` into at most `clusters` groups (fewer when there are fewer distinct values).
  public init(
    _ values: [Float], clusters: Int, initialization: Initialization, seed: UInt64 = 1,
    iterations: Int = 300
  ) {
    self.init(
      sorted: values.sorted(), clusters: clusters, initialization: initialization, seed: seed,
      iterations: iterations)
  }

  /// Clusters values starting from given centroids.
  public init(_ values: [Float], from centroids: [Float], iterations: Int = 300) {
    self.centroids = centroids.sorted()
    refine(values.sorted(), iterations)
  }

  private init(
    sorted: [Float], clusters: Int, initialization: Initialization, seed: UInt64, iterations: Int
  ) {
    var distinct: [Float] = []
    for value in sorted where distinct.last != value && distinct.count <= clusters {
      distinct.append(value)
    }
    if distinct.count <= clusters {
      centroids = distinct
      return
    }
    centroids = Self.start(sorted, clusters, initialization, seed)
    refine(sorted, iterations)
  }

  private static func start(
    _ sorted: [Float], _ clusters: Int, _ initialization: Initialization, _ seed: UInt64
  ) -> [Float] {
    var generator = Philox(seed: seed, stream: 0x6b6d_6561_6e73)
    let count = sorted.count
    switch initialization {
    case .linear:
      let (low, high) = (Double(sorted[0]), Double(sorted[count - 1]))
      let steps = Double(max(clusters - 1, 1))
      return (0..<clusters).map { Float(low + (high - low) * Double($0) / steps) }
    case .density:
      return (0..<clusters).map { sorted[min(count - 1, (2 * $0 + 1) * count / (2 * clusters))] }
    case .forgy:
      return (0..<clusters).map { _ in sorted[Int(generator.next() % UInt64(count))] }.sorted()
    case .plusPlus:
      var chosen = [sorted[Int(generator.next() % UInt64(count))]]
      var distance = sorted.map { Double(($0 - chosen[0]) * ($0 - chosen[0])) }
      while chosen.count < clusters {
        let total = distance.reduce(0, +)
        var target = Double(generator.uniform()) * total
        let index = distance.firstIndex { value in
          target -= value
          return target < 0
        }
        let next = sorted[index ?? count - 1]
        chosen.append(next)
        for place in sorted.indices {
          distance[place] = min(
            distance[place], Double((sorted[place] - next) * (sorted[place] - next)))
        }
      }
      return chosen.sorted()
    }
  }

  private mutating func refine(_ sorted: [Float], _ iterations: Int) {
    guard !sorted.isEmpty, !centroids.isEmpty else { return }
    let totals = RunningTotals(sorted)
    var means = centroids.map(Double.init)
    var bounds: [Int] = []
    for _ in 0..<max(iterations, 1) {
      let next = Self.bounds(sorted, means)
      if next == bounds { break }
      bounds = next
      let ranges = means.indices.map { bounds[$0]..<bounds[$0 + 1] }
      if ranges.contains(where: \.isEmpty) {
        means = totals.split(ranges).map(totals.mean)
      } else {
        means = ranges.map(totals.mean)
      }
    }
    bounds = Self.bounds(sorted, means)
    inertia = means.indices.reduce(0) { sum, cluster in
      sum + totals.squaredDistance(bounds[cluster]..<bounds[cluster + 1], to: means[cluster])
    }
    centroids = means.map(Float.init)
  }

  /// Where each cluster's range of the sorted values begins; halfway points go to the upper
  /// cluster.
  private static func bounds(_ sorted: [Float], _ means: [Double]) -> [Int] {
    var bounds = [0]
    for cluster in means.indices.dropLast() {
      let middle = (means[cluster] + means[cluster + 1]) / 2
      var (low, high) = (bounds[cluster], sorted.count)
      while low < high {
        let place = (low + high) / 2
        if Double(sorted[place]) < middle { low = place + 1 } else { high = place }
      }
      bounds.append(low)
    }
    bounds.append(sorted.count)
    return bounds
  }

  /// The nearest centroid's place for each value; halfway points go to the upper one.
  public func assignments(of values: [Float]) -> [Int] {
    let middles = zip(centroids, centroids.dropFirst()).map { (Double($0) + Double($1)) / 2 }
    return values.map { value in
      var (low, high) = (0, middles.count)
      while low < high {
        let place = (low + high) / 2
        if Double(value) < middles[place] { high = place } else { low = place + 1 }
      }
      return low
    }
  }
}
