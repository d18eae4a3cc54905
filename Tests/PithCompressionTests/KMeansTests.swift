import Foundation
import PithCompression
import PithTestSupport
import Testing

@Suite struct KMeansTests {
  /// Figure 3 of Han, Mao and Dally, "Deep Compression", 2016.
  static let weights: [Float] = [
    2.09, -0.98, 1.48, 0.09, 0.05, -0.14, -1.08, 2.12, -0.91, 1.92, 0, -1.03, 1.87, 0, 1.53, 1.49,
  ]

  @Test(arguments: [KMeans.Initialization.linear, .density])
  func publishedExample(initialization: KMeans.Initialization) {
    let means = KMeans(Self.weights, clusters: 4, initialization: initialization)
    expectClose(means.centroids, [-1, 0, 1.5, 2], absolute: 1e-6)
    let indices = means.assignments(of: Self.weights)
    #expect(indices == [3, 0, 2, 1, 1, 1, 0, 3, 0, 3, 1, 0, 3, 1, 2, 2])
    expectClose(
      zip(Self.weights, indices).map { ($0 - means.centroids[$1]).magnitude },
      [
        0.09, 0.02, 0.02, 0.09, 0.05, 0.14, 0.08, 0.12, 0.09, 0.08, 0, 0.03, 0.13, 0, 0.03, 0.01,
      ], absolute: 1e-6)
  }

  struct Golden: Decodable {
    var values: [Float]
    var start: [Float]
    var inertia: Double
    var centroids: [Float]
  }

  @Test func noWorseThanScikitLearnFromTheSameStart() throws {
    for golden in try goldenFile("kmeans", as: [Golden].self) {
      let means = KMeans(golden.values, from: golden.start)
      #expect(means.inertia <= golden.inertia * (1 + 1e-6))
      if means.inertia > golden.inertia * (1 - 1e-6) {
        expectClose(means.centroids, golden.centroids, absolute: 1e-5)
      }
    }
  }

  /// The sum of squared distances to the nearest centroid, counted value by value.
  @Test(arguments: KMeans.Initialization.allCases)
  func inertiaAndAssignments(initialization: KMeans.Initialization) throws {
    let values = try #require(try goldenFile("kmeans", as: [Golden].self).first).values
    let means = KMeans(values, clusters: 8, initialization: initialization, seed: 3)
    let distances = values.map { value in
      means.centroids.map { ($0 - value).magnitude }.min() ?? .infinity
    }
    let chosen = zip(values, means.assignments(of: values)).map {
      (means.centroids[$1] - $0).magnitude
    }
    expectClose(chosen, distances, absolute: 1e-6)
    let inertia = distances.reduce(0) { $0 + Double($1) * Double($1) }
    #expect((means.inertia - inertia).magnitude < inertia * 1e-4)
    #expect(means.centroids == means.centroids.sorted())
    #expect(means.centroids.count == 8)
  }

  @Test(arguments: KMeans.Initialization.allCases)
  func fewerDistinctValuesThanClusters(initialization: KMeans.Initialization) {
    let means = KMeans([2, 1, 2, 1, 1], clusters: 16, initialization: initialization)
    #expect(means.centroids == [1, 2])
    #expect(means.inertia == 0)
    #expect(KMeans([], clusters: 4, initialization: initialization).centroids.isEmpty)
  }

  @Test func aSeedGivesTheSameClusters() throws {
    let values = try #require(try goldenFile("kmeans", as: [Golden].self).last).values
    for initialization in [KMeans.Initialization.forgy, .plusPlus] {
      let centroids = (0..<2).map { _ in
        KMeans(values, clusters: 6, initialization: initialization, seed: 9, iterations: 2)
          .centroids
      }
      #expect(centroids[0] == centroids[1])
    }
  }
}
