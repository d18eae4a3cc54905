/// What is known of one model at one moment; accuracies are fractions in 0...1.
public struct Measurements: Codable, Sendable, Hashable {
  /// Nil where there was no data to measure it with; so are `top5` and `loss`.
  public var top1: Double?
  public var top5: Double?
  /// Mean cross-entropy in nats.
  public var loss: Double?
  /// Elements of weights and biases.
  public var parameters: Int
  public var nonzeroParameters: Int
  /// Multiply-accumulates of Conv, Gemm and MatMul at batch 1.
  public var macs: Int?
  /// Bytes of the ONNX file, external data included.
  public var onnxBytes: Int?
  /// Bytes of the archive, which holds everything needed to run the model.
  public var pithBytes: Int?
  /// Median latency at batch 1.
  public var latencyMilliseconds: Double?

  public init(
    top1: Double? = nil, top5: Double? = nil, loss: Double? = nil, parameters: Int,
    nonzeroParameters: Int, macs: Int? = nil, onnxBytes: Int? = nil, pithBytes: Int? = nil,
    latencyMilliseconds: Double? = nil
  ) {
    self.top1 = top1
    self.top5 = top5
    self.loss = loss
    self.parameters = parameters
    self.nonzeroParameters = nonzeroParameters
    self.macs = macs
    self.onnxBytes = onnxBytes
    self.pithBytes = pithBytes
    self.latencyMilliseconds = latencyMilliseconds
  }

  /// Bytes of the smallest file that holds the model.
  public var smallestBytes: Int? {
    [onnxBytes, pithBytes].compactMap(\.self).min()
  }
}
