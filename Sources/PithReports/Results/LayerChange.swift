/// One layer with weights, before and after compression.
public struct LayerChange: Codable, Sendable, Hashable {
  public var name: String
  /// The ONNX name of the operator.
  public var `operator`: String
  /// Elements of the weights and biases before, or after where the layer is new.
  public var parameters: Int
  public var weightShape: [Int]
  /// Nil for a layer that compression added.
  public var before: Form?
  /// Nil for a layer that compression removed.
  public var after: Form?

  public init(
    name: String, operator: String, parameters: Int, weightShape: [Int], before: Form?,
    after: Form?
  ) {
    self.name = name
    self.operator = `operator`
    self.parameters = parameters
    self.weightShape = weightShape
    self.before = before
    self.after = after
  }

  /// How a layer's weights are held.
  public struct Form: Codable, Sendable, Hashable {
    /// Bytes of the weights in the ONNX file.
    public var onnxBytes: Int?
    /// Bytes of the weights in the archive.
    public var pithBytes: Int?
    /// Bits of one weight before entropy coding; 32 for float.
    public var bits: Double?
    /// Fraction of the weights that are zero.
    public var sparsity: Double?
    /// Elements of the weights and biases.
    public var parameters: Int?
    public var weightShape: [Int]?

    public init(
      onnxBytes: Int? = nil, pithBytes: Int? = nil, bits: Double? = nil, sparsity: Double? = nil,
      parameters: Int? = nil, weightShape: [Int]? = nil
    ) {
      self.onnxBytes = onnxBytes
      self.pithBytes = pithBytes
      self.bits = bits
      self.sparsity = sparsity
      self.parameters = parameters
      self.weightShape = weightShape
    }
  }
}
