public import PithGraph
import PithTensors

/// The Hann window, 1 / 2 - cos(2 pi n / N) / 2.
public struct HannWindow: CosineWindow {
  public static let name = "HannWindow"
  public static let examples = [
    Example([.constant(Tensor(scalar: Int64(8)))]),
    Example(
      [.constant(Tensor(scalar: Int32(5)))],
      ["periodic": .int(0), "output_datatype": .int(DType.float64.onnxCode)]),
    Example([.constant(Tensor(scalar: Int64(1)))], ["periodic": .int(0)]),
  ]
  public static let coefficients = (0.5, 0.5, 0.0)
  public let shape: CosineWindowShape

  public init(_ shape: CosineWindowShape = CosineWindowShape()) { self.shape = shape }
}
