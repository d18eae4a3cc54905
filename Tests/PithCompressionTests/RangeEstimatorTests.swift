import Foundation
import PithCompression
import Testing

@Suite struct RangeEstimatorTests {
  struct Golden: Decodable {
    var rectified: Bool
    var extremes: [Float]
    var mse: [Float]
    var percentile: [Float]
  }

  /// The quantiles of a Laplace distribution in the middles of equal parts.
  private static func laplace(_ count: Int, rectified: Bool = false) -> [Float] {
    (0..<count).map { index in
      let place = (Double(index) + 0.5) / Double(count) - 0.5
      let value = -log1p(-2 * place.magnitude) * (place < 0 ? -1 : 1)
      return Float(rectified ? max(value, 0) : value)
    }
  }

  private func histogram(_ values: [Float]) -> Histogram {
    var histogram = Histogram(low: values.min() ?? 0, high: values.max() ?? 0)
    values.withUnsafeBufferPointer { histogram.add($0) }
    return histogram
  }

  @Test func rangesOfTheValuesThemselves() throws {
    for golden in try goldenFile("ranges", as: [Golden].self) {
      let histogram = histogram(Self.laplace(20_000, rectified: golden.rectified))
      let width = golden.extremes[1] - golden.extremes[0]
      let estimators: [(any RangeEstimator.Type, [Float], tolerance: Float)] = [
        (MinMaxRange.self, golden.extremes, 1e-6 * width),
        // One of the hundred shrinks, and one part of the histogram.
        (MeanSquaredErrorRange.self, golden.mse, 0.0082 * golden.extremes[1]),
        (PercentileRange.self, golden.percentile, width / 1024),
      ]
      for (estimator, expected, tolerance) in estimators {
        let range = estimator.range(histogram)
        #expect((range.lowerBound - expected[0]).magnitude <= tolerance, "\(estimator)")
        #expect((range.upperBound - expected[1]).magnitude <= tolerance, "\(estimator)")
      }
    }
  }

  /// A uniform distribution has nothing to clip.
  @Test func entropyKeepsAUniformDistribution() {
    let range = EntropyRange.range(histogram((0..<40_960).map { Float($0) / 40_959 }))
    #expect(range.upperBound > 0.9)
  }

  /// One value in ten thousand, far out, is not worth most of the levels.
  @Test func entropyClipsAnOutlier() {
    let values = Self.laplace(9_999, rectified: true) + [100]
    let range = EntropyRange.range(histogram(values))
    #expect(range.upperBound < 50)
    #expect(range.upperBound > 8)
  }

  /// Zeros are exact under every range: more of them change nothing.
  @Test func entropyDoesNotCountZeros() {
    let values = Self.laplace(20_000).map(\.magnitude)
    let range = EntropyRange.range(histogram(values))
    let withZeros = EntropyRange.range(
      histogram(values + [Float](repeating: 0, count: 100_000)))
    #expect((range.upperBound - withZeros.upperBound).magnitude < 0.1 * range.upperBound)
    #expect(withZeros.upperBound > 4)
  }

  @Test(arguments: rangeEstimators.map { $0.name })
  func nothingButZerosAndExtremes(name: String) throws {
    let estimator = try #require(rangeEstimators.first { $0.name == name })
    #expect(estimator.range(histogram([0, 0, 0])) == 0...0)
    let huge = Float.greatestFiniteMagnitude
    for values in [[huge, -huge], [.infinity, .nan, 1], [Float.leastNonzeroMagnitude, 0]]
      as [[Float]]
    {
      let range = estimator.range(histogram(values))
      #expect(range.lowerBound.isFinite && range.upperBound.isFinite)
      #expect(range.contains(0))
    }
  }

  @Test func catalogueIsInOrder() {
    let types = rangeEstimators.map { "\($0)" }
    #expect(types == types.sorted())
    #expect(Set(rangeEstimators.map { $0.name }).count == types.count)
  }
}
