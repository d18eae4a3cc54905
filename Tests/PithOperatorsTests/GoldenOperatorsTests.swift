import PithGraph
import PithTensors
import PithTestSupport
import Testing

@Suite("Operators agree with ONNX Runtime")
struct GoldenOperatorsTests {
  @Test("Pooling", arguments: GoldenCase.all(in: "pooling"))
  func pooling(_ golden: GoldenCase) throws { try expectAgreement(golden) }

  @Test("Transposed convolution", arguments: GoldenCase.all(in: "transposed_convolution"))
  func transposedConvolution(_ golden: GoldenCase) throws { try expectAgreement(golden) }

  @Test("Resizing", arguments: GoldenCase.all(in: "resizing"))
  func resizing(_ golden: GoldenCase) throws { try expectAgreement(golden) }

  @Test("Padding", arguments: GoldenCase.all(in: "padding"))
  func padding(_ golden: GoldenCase) throws { try expectAgreement(golden) }

  @Test("Slicing, gathering, reshaping", arguments: GoldenCase.all(in: "slicing"))
  func slicing(_ golden: GoldenCase) throws { try expectAgreement(golden) }

  @Test("Quantization, bit for bit", arguments: GoldenCase.all(in: "quantization"))
  func quantization(_ golden: GoldenCase) throws {
    try expectAgreement(golden, relative: 0, absolute: 0)
  }

  private func expectAgreement(
    _ golden: GoldenCase, relative: Float = 1e-5, absolute: Float = 2e-6
  ) throws {
    let results = try golden.run()
    #expect(results.count == golden.outputs.count)
    for (result, expected) in zip(results, golden.outputs) {
      #expect(result.shape == Shape(expected.shape), "\(golden.testDescription)")
      let isPacked = result.dtype == .int4 || result.dtype == .uint4
      #expect(isPacked || result.dtype.rawValue == expected.dtype)
      expectClose(
        result.floats, expected.values.map { Float($0) }, relative: relative, absolute: absolute,
        golden.testDescription)
    }
  }
}
