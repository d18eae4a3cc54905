public import PithGraph
import PithTensors

/// The Blackman window, 0.42 - cos(2 pi n / N) / 2 + 0.08 cos(4 pi n / N).
public struct BlackmanWindow: CosineWindow {
  public static let name = "BlackmanWindow"
  public static let examples = [
    Example([.constant(Tensor(scalar: Int64(8)))]),
    Example(
      [.constant(Tensor(scalar: Int32(5)))],
      ["periodic": .int(0), "output_datatype": .int(DType.float64.onnxCode)]),
    Example([.constant(Tensor(scalar: Int64(1)))], ["periodic": .int(0)]),
  ]
  public static let coefficients = (0.42, 0.5, 0.08)
  public let shape: CosineWindowShape

  public init(_ shape: CosineWindowShape = CosineWindowShape()) { self.shape = shape }
}
