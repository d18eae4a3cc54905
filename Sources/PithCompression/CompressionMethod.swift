public import Foundation
public import PithCoding
public import PithData
public import PithGraph
public import PithTraining

/// A way to make a network smaller: a function from graph to graph, with settings.
public protocol CompressionMethod: Sendable {
  /// The recipe's word.
  static var name: String { get }
  /// One sentence.
  static var summary: String { get }
  /// Where it comes from.
  static var paper: String { get }
  static var settings: [Setting] { get }

  init(_ values: SettingValues) throws(SettingError)
  func apply(to graph: Graph, _ context: Context) throws -> Outcome
}

/// Every method, in alphabetical order: add a file to this folder and a line here.
public let methodCatalogue: [any CompressionMethod.Type] = [
  ChannelPruning.self,
  DepthPruning.self,
  EntropyCoding.self,
  FineTune.self,
  LearnableMasks.self,
  Pruning.self,
  Quantization.self,
  ThresholdSearch.self,
  WeightSharing.self,
]

/// What a method may use beside the graph.
public struct Context {
  /// Nil where the user gave no data; methods that need none still work.
  public var data: TrainingData?
  public var augmentation: Augmentation
  /// The uncompressed network, which may teach its own compressed form.
  public var teacher: Graph
  public var seed: UInt64
  /// Training images that are looked at where something is measured, and nothing trained.
  public var samples = 1024
  /// Where training inside a method saves itself; nil for nowhere.
  public var checkpoint: URL?
  public var progress: ((TrainingProgress) -> Void)?
  /// Is told how many of so many parts are done of work that is no training.
  public var workFinished: ((_ done: Int, _ of: Int) -> Void)?
  public var epochFinished: ((EpochResult) -> Void)?
  /// What latencies are measured with.
  package var timer: any LatencyTimer = MachineTimer()

  public init(
    data: TrainingData?, augmentation: Augmentation = .none, teacher: Graph, seed: UInt64 = 1,
    checkpoint: URL? = nil
  ) {
    self.data = data
    self.augmentation = augmentation
    self.teacher = teacher
    self.seed = seed
    self.checkpoint = checkpoint
  }
}

/// What a method gives back.
public struct Outcome {
  public var graph: Graph
  /// How the archive is to be coded, where the method says so.
  public var coder: EntropyCoder?
  /// What a user should know: what was left out and why, what fell short.
  public var remarks: Remarks
  public var epochs: [EpochResult]

  public init(
    _ graph: Graph, coder: EntropyCoder? = nil, notes: [String] = [], warnings: [String] = [],
    epochs: [EpochResult] = []
  ) {
    self.graph = graph
    self.coder = coder
    remarks = Remarks(notes: notes, warnings: warnings)
    self.epochs = epochs
  }
}

extension Outcome {
  /// What was done and found.
  public var notes: [String] {
    get { remarks.notes }
    set { remarks.notes = newValue }
  }

  /// Where less came of it than was asked for.
  public var warnings: [String] { remarks.warnings }
}

/// Why a method cannot do its work.
public enum CompressionError: Error, CustomStringConvertible {
  case needsData(method: String, why: String)
  case nothingToDo(method: String, why: String)
  case notFinite(layer: String)
  /// What a layer needs is more than there is.
  case memory(layer: String)

  public var description: String {
    switch self {
    case .needsData(let method, let why): "\(method) needs data (--data): \(why)"
    case .nothingToDo(let method, let why): "\(method) finds nothing to work on: \(why)"
    case .notFinite(let layer): "the weights of '\(layer)' hold values that are not numbers"
    case .memory(let layer):
      "the layer '\(layer)' has too many inputs for the memory of this machine: leave it out (skip), "
        + "or take another criterion"
    }
  }
}
