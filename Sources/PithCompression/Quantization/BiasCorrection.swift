import PithGraph
import PithOperators
import PithTensors

extension Node {
  /// What the mean of each output channel moves by when `errors` are added to the weight of a
  /// convolution or matrix product: the sum of errors times the means of the input's channels (Nagel
  /// et al.: Data-free quantization, 2019, section 4.2). Padding counts as more of the same.
  ///
  /// Nil for operators with no such rule, and where the means are of another number.
  func meanShift(errors: [Float], of weight: Tensor, inputMeans means: [Double]) -> [Float]? {
    let filters: Int
    let inputs: Int
    let groups: Int
    let inner: Int
    let isTransposed: Bool
    switch self.operator {
    case let convolution as Conv:
      isTransposed = false
      (filters, inputs, groups) = (weight.shape[0], weight.shape[1], convolution.group)
      inner = weight.shape.dimensions[2...].reduce(1, *)
    case let gemm as Gemm where gemm.alpha == 1 && gemm.beta == 1 && !gemm.transA:
      isTransposed = !gemm.transB
      (filters, inputs) = (weight.shape[isTransposed ? 1 : 0], weight.shape[isTransposed ? 0 : 1])
      (groups, inner) = (1, 1)
    default: return nil
    }
    guard means.count == inputs * groups, filters % groups == 0 else { return nil }
    let shifts = (0..<filters).map { filter in
      let first = filter / (filters / groups) * inputs
      return (0..<inputs).reduce(0.0) { sum, input in
        let start = (isTransposed ? input * filters + filter : filter * inputs + input) * inner
        let error = errors[start..<start + inner].reduce(0.0) { $0 + Double($1) }
        return sum + error * means[first + input]
      }
    }
    return shifts.allSatisfy(\.isFinite) ? shifts.map(Float.init) : nil
  }
}
