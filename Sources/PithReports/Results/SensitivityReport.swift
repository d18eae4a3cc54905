public import Foundation

/// What `pith sensitivity` measures: how much the network changes when one layer alone is pruned.
public struct SensitivityReport: Report {
  /// What is taken away.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Single weights become zero.
    case weights
    /// Channels are removed.
    case channels
  }

  /// How the outputs are compared with those of the given network.
  public enum Divergence: String, Codable, Sendable, CaseIterable {
    /// Mean over the samples of the Kullback-Leibler divergence of the classes' probabilities, in
    /// nats.
    case kullbackLeibler = "kl"
    /// Norm of the difference of the outputs over the norm of the outputs.
    case relative
  }

  public var kind: Kind
  /// What said which weights or channels go first.
  public var criterion: String
  public var divergence: Divergence
  public var ratios: [Double]
  /// Those that are done, in the order of the network.
  public var layers: [Layer]
  /// Whether these are all layers.
  public var isFinished = false
  /// Accuracy of the given network on the same samples; nil where no labels were used.
  public var top1: Double?
  public var loss: Double?
  public var samples: Int
  /// Name of the model, as a reader knows it.
  public var model: String
  /// The data in words.
  public var data: String
  public var seed: UInt64
  public var warnings: [String]
  public var created: Date
  /// Version of Pith.
  public var version: String
  public var seconds: Double

  public init(
    kind: Kind, criterion: String, divergence: Divergence, ratios: [Double], layers: [Layer],
    top1: Double? = nil, loss: Double? = nil, samples: Int, model: String, data: String,
    seed: UInt64, warnings: [String] = [], created: Date, version: String, seconds: Double = 0
  ) {
    self.kind = kind
    self.criterion = criterion
    self.divergence = divergence
    self.ratios = ratios
    self.layers = layers
    self.top1 = top1
    self.loss = loss
    self.samples = samples
    self.model = model
    self.data = data
    self.seed = seed
    self.warnings = warnings
    self.created = created
    self.version = version
    self.seconds = seconds
  }

  /// Whether both ask the same of the same network, as far as can be told by its name and its
  /// accuracy, whatever was measured so far. The last digits depend on the number of threads.
  public func isSameStudy(as other: SensitivityReport) -> Bool {
    kind == other.kind && criterion == other.criterion && divergence == other.divergence
      && ratios == other.ratios && samples == other.samples && model == other.model
      && data == other.data && seed == other.seed && version == other.version
      && (loss == nil) == (other.loss == nil)
      && abs((loss ?? 0) - (other.loss ?? 0)) <= 1e-4 * (loss ?? 0)
  }

  /// A layer, or a group of channels that can only be removed together.
  public struct Layer: Codable, Sendable, Hashable {
    public var name: String
    /// Weights of the layer, or parameters that go when all channels of the group go.
    public var parameters: Int
    /// Channels of the group; nil where weights are pruned.
    public var channels: Int?
    /// In the order of `ratios`.
    public var points: [Point]
    /// Why nothing was measured.
    public var reason: String?

    public init(
      name: String, parameters: Int, channels: Int? = nil, points: [Point] = [],
      reason: String? = nil
    ) {
      self.name = name
      self.parameters = parameters
      self.channels = channels
      self.points = points
      self.reason = reason
    }

    /// The largest ratio up to which each loses at most so much accuracy; 0 where none does, nil
    /// where accuracy was not measured.
    public func tolerated(losing loss: Double, of top1: Double?) -> Double? {
      guard let top1, points.contains(where: { $0.top1 != nil }) else { return nil }
      return points.prefix { ($0.top1 ?? 0) >= top1 - loss }.last?.ratio ?? 0
    }
  }

  /// The network with a share of one layer gone.
  public struct Point: Codable, Sendable, Hashable {
    /// What was asked for.
    public var ratio: Double
    /// Share of the layer's weights that are zero, or of the group's channels that are gone.
    public var reached: Double
    public var top1: Double?
    public var loss: Double?
    public var divergence: Double
    /// Multiply-accumulates that go with the channels.
    public var macs: Int?

    public init(
      ratio: Double, reached: Double, top1: Double? = nil, loss: Double? = nil,
      divergence: Double, macs: Int? = nil
    ) {
      self.ratio = ratio
      self.reached = reached
      self.top1 = top1
      self.loss = loss
      self.divergence = divergence
      self.macs = macs
    }
  }
}
