import PithGraph
import PithTensors
import PithTestSupport
import Testing

@Suite("Operators agree with ONNX Runtime")
struct GoldenOperatorsTests {
  @Test("Pooling", arguments: GoldenCase.all(in: "pooling"))
  func pooling(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Transposed convolution", arguments: GoldenCase.all(in: "transposed_convolution"))
  func transposedConvolution(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Resizing", arguments: GoldenCase.all(in: "resizing"))
  func resizing(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Padding", arguments: GoldenCase.all(in: "padding"))
  func padding(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Slicing, gathering, reshaping", arguments: GoldenCase.all(in: "slicing"))
  func slicing(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Quantization, bit for bit", arguments: GoldenCase.all(in: "quantization"))
  func quantization(_ golden: GoldenCase) throws {
    try golden.expectAgreement(relative: 0, absolute: 0)
  }

  @Test("Recurrent layers", arguments: GoldenCase.all(in: "recurrent"))
  func recurrent(_ golden: GoldenCase) throws {
    try golden.expectAgreement(relative: 1e-5, absolute: 1e-6)
  }

  @Test("Scattering, selecting, accumulating", arguments: GoldenCase.all(in: "indexing"))
  func indexing(_ golden: GoldenCase) throws { try golden.expectAgreement() }

  @Test("Sampling by grids and regions", arguments: GoldenCase.all(in: "sampling"))
  func sampling(_ golden: GoldenCase) throws {
    try golden.expectAgreement(relative: 1e-5, absolute: 2e-5)
  }

  @Test("Whole numbers, bit for bit", arguments: GoldenCase.all(in: "integers"))
  func integers(_ golden: GoldenCase) throws {
    try golden.expectAgreement(relative: 1e-6, absolute: 0)
  }

  @Test("Einsum", arguments: GoldenCase.all(in: "einsum"))
  func einsum(_ golden: GoldenCase) throws { try golden.expectAgreement() }
}
