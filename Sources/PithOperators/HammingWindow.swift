public import PithGraph
import PithTensors

/// The Hamming window, 25 / 46 - 21 / 46 cos(2 pi n / N).
public struct HammingWindow: CosineWindow {
  public static let name = "HammingWindow"
  public static let examples = [
    Example([.constant(Tensor(scalar: Int64(8)))]),
    Example(
      [.constant(Tensor(scalar: Int32(5)))],
      ["periodic": .int(0), "output_datatype": .int(DType.float64.onnxCode)]),
    Example([.constant(Tensor(scalar: Int64(1)))], ["periodic": .int(0)]),
  ]
  public static let coefficients = (25.0 / 46, 21.0 / 46, 0.0)
  public let shape: CosineWindowShape

  public init(_ shape: CosineWindowShape = CosineWindowShape()) { self.shape = shape }
}
