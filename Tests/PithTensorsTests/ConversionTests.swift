import Foundation
import PithTensors
import Testing

/// Against NumPy and ml_dtypes: Scripts/golden/tensors.py.
@Suite struct ConversionTests {
  struct Golden: Decodable {
    struct Broadcast: Decodable {
      let left: [Int]
      let right: [Int]
      let result: [Int]
    }
    let floatBits: [UInt32]
    let halfBits: [UInt16]
    let brainBits: [UInt16]
    let halves: [UInt16]
    let halfFloatBits: [UInt32]
    let brainFloatBits: [UInt32]
    let whole: [Int64]
    let wrapped: [String: [Int]]
    let wrapped4: [String: [Int]]
    let plain: [Float]
    let truncated: [Int]
    let nonzero: [Int]
    let broadcasts: [Broadcast]
  }

  let golden: Golden

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/conversions", withExtension: "json"))
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  @Test func floatsNarrowToTheNearest() {
    let floats = Tensor(golden.floatBits.map(Float.init(bitPattern:)))
    #expect(words(floats.converted(to: .float16)) == golden.halfBits)
    #expect(words(floats.converted(to: .bfloat16)) == golden.brainBits)
  }

  @Test func narrowFloatsWidenExactly() throws {
    #expect(try bits(.float16) == golden.halfFloatBits)
    #expect(try bits(.bfloat16) == golden.brainFloatBits)
  }

  @Test func notANumberStaysSo() {
    let tensor = Tensor([Float.nan, -Float.nan, Float(nan: 1, signaling: false)])
    for dtype in [DType.float16, .bfloat16, .float64] {
      let values = tensor.converted(to: dtype).floats
      #expect(values.filter(\.isNaN).count == 3)
    }
    #expect(tensor.converted(to: .int32).integers == [0, 0, 0])
  }

  @Test func integersWrap() throws {
    let whole = Tensor(golden.whole)
    for (name, values) in golden.wrapped {
      let dtype = try #require(DType(rawValue: name))
      #expect(whole.converted(to: dtype).integers == values, "\(name)")
    }
    for (name, values) in golden.wrapped4 {
      let dtype = try #require(DType(rawValue: name))
      #expect(whole.converted(to: dtype).integers == values, "\(name)")
    }
  }

  @Test func floatsTruncateTowardsZero() {
    let plain = Tensor(golden.plain)
    #expect(plain.converted(to: .int32).integers == golden.truncated)
    #expect(plain.converted(to: .bool).integers == golden.nonzero)
    #expect(Tensor([Float.infinity, -1e30]).integers == [.max, .min])
  }

  @Test func fourBitIntegersLieTwoToAByte() {
    let tensor = Tensor(packing: [1, -2, 7], .int4, [3])
    #expect(tensor.byteCount == 2)
    #expect(tensor.readBytes(Array.init) == [0xe1, 0x07])
    #expect(tensor.integers == [1, -2, 7])
    #expect(Tensor(packing: [1, 14, 7], .uint4, [3]).integers == [1, 14, 7])
  }

  @Test func shapesBroadcastAsInNumPy() {
    for case let example in golden.broadcasts {
      let result = Shape(example.left).broadcast(with: Shape(example.right))
      #expect(result == Shape(example.result))
    }
    #expect(Shape([2, 3]).broadcast(with: [2]) == nil)
  }

  @Test func countsAreChecked() {
    #expect(Shape([1 << 40, 1 << 40]).checkedCount == nil)
    #expect(Shape([-1]).checkedCount == nil)
    #expect(Shape([0, 5]).checkedCount == 0)
    #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
  }

  private func bits(_ dtype: DType) throws -> [UInt32] {
    try golden.halves.withUnsafeBytes { bytes in
      try #require(Tensor(dtype, [golden.halves.count], bytes: bytes)).floats.map(\.bitPattern)
    }
  }

  private func words(_ tensor: Tensor) -> [UInt16] {
    tensor.readBytes { Array($0.bindMemory(to: UInt16.self)) }
  }
}
