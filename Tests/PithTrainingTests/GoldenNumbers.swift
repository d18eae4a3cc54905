import Foundation
import PithTensors
import Testing

/// The generator of `Scripts/golden/training.py`: x <- 1664525 x + 1013904223 mod 2^32 (Numerical
/// Recipes).
struct GoldenNumbers {
  private var state: UInt32

  init(seed: Int) { state = UInt32(seed) }

  private mutating func next() -> UInt32 {
    state = 1_664_525 &* state &+ 1_013_904_223
    return state
  }

  mutating func integer(_ limit: Int) -> Int { Int(next() >> 16) % limit }

  /// Numbers in [-1, 1), times `scale`, plus `offset`.
  mutating func array(_ count: Int, scale: Float = 1, offset: Float = 0) -> [Float] {
    (0..<count).map { _ in (Float(next() >> 8) / 0x1p23 - 1) * scale + offset }
  }

  mutating func tensor(_ shape: Shape, scale: Float = 1, offset: Float = 0) -> Tensor {
    Tensor(array(shape.count, scale: scale, offset: offset), shape)
  }
}

/// A golden file of this module.
func goldenFile<Value: Decodable>(_ name: String, as _: Value.Type) throws -> Value {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
}
