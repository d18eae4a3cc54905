/// What `pith inspect` finds in a model; sizes and operations are for batch 1.
public struct InspectReport: Report {
  /// Elements of weights and biases; running statistics apart.
  public var parameters: Int
  public var nonzeroParameters: Int
  /// Multiply-accumulates of Conv, Gemm and MatMul; nil where a shape is not known.
  public var macs: Int?
  /// Bytes of the file, external data included.
  public var fileBytes: Int
  public var inputs: [Port]
  public var outputs: [Port]
  /// How often each operator occurs, by its ONNX name.
  public var operators: [String: Int]
  public var layers: [Layer]
  /// Operators of the model that cannot be run or trained, by their ONNX name.
  public var unsupported: [String]
  /// What structured pruning can remove, where that was asked for.
  public var groups: [Group]?
  /// What it cannot, and why.
  public var frozenGroups: [FrozenGroup]?
  /// How large the filters of each layer are, where that was asked for.
  public var norms: [LayerNorms]?

  public init(
    parameters: Int, nonzeroParameters: Int, macs: Int?, fileBytes: Int, inputs: [Port],
    outputs: [Port], operators: [String: Int], layers: [Layer], unsupported: [String]
  ) {
    self.parameters = parameters
    self.nonzeroParameters = nonzeroParameters
    self.macs = macs
    self.fileBytes = fileBytes
    self.inputs = inputs
    self.outputs = outputs
    self.operators = operators
    self.layers = layers
    self.unsupported = unsupported
  }

  /// An input or output of a model.
  public struct Port: Codable, Sendable, Hashable {
    public var name: String
    /// Nil where the model states no shape at all.
    public var shape: [Dimension]?
    /// The element type, by its ONNX name in small letters: `float32`.
    public var type: String

    public init(name: String, shape: [Dimension]?, type: String) {
      self.name = name
      self.shape = shape
      self.type = type
    }
  }

  /// One node of a model.
  public struct Layer: Codable, Sendable, Hashable {
    public var name: String
    public var `operator`: String
    public var parameters: Int
    public var macs: Int?
    public var outputShape: [Dimension]?
    /// Nil for a layer without weights.
    public var weightShape: [Int]?
    /// Fraction of the weights that are zero.
    public var sparsity: Double?
    /// Bits that one weight takes; a fraction where a codebook is shared.
    public var bits: Double?

    public init(
      name: String, operator: String, parameters: Int, macs: Int?, outputShape: [Dimension]?,
      weightShape: [Int]?, sparsity: Double?, bits: Double?
    ) {
      self.name = name
      self.operator = `operator`
      self.parameters = parameters
      self.macs = macs
      self.outputShape = outputShape
      self.weightShape = weightShape
      self.sparsity = sparsity
      self.bits = bits
    }
  }

  /// Channels of the same form, which are removed one by one from all members at once.
  public struct Group: Codable, Sendable, Hashable {
    /// The first layer that makes the channels.
    public var name: String
    public var channels: Int
    public var members: [Member]
    public var parametersPerChannel: Int
    public var macsPerChannel: Int
    /// What a channel takes at batch 1: the difference that removing half of them made, divided by
    /// their number; nil where the model cannot be run.
    public var millisecondsPerChannel: Double?

    public init(
      name: String, channels: Int, members: [Member], parametersPerChannel: Int,
      macsPerChannel: Int, millisecondsPerChannel: Double?
    ) {
      self.name = name
      self.channels = channels
      self.members = members
      self.parametersPerChannel = parametersPerChannel
      self.macsPerChannel = macsPerChannel
      self.millisecondsPerChannel = millisecondsPerChannel
    }
  }

  /// An axis of a value or weight that channels have places on.
  public struct Member: Codable, Sendable, Hashable {
    public var name: String
    public var axis: Int
    public var extent: Int
    /// Places that one channel has on the axis.
    public var places: Int
    public var isWeight: Bool

    public init(name: String, axis: Int, extent: Int, places: Int, isWeight: Bool) {
      self.name = name
      self.axis = axis
      self.extent = extent
      self.places = places
      self.isWeight = isWeight
    }
  }

  /// Channels that stay whole.
  public struct FrozenGroup: Codable, Sendable, Hashable {
    public var name: String
    public var channels: Int
    public var reason: String

    public init(name: String, channels: Int, reason: String) {
      self.name = name
      self.channels = channels
      self.reason = reason
    }
  }
}
