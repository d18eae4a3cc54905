import PithCoding
public import PithGraph

/// Chooses how the archive codes weights; the network itself stays as it is.
public struct EntropyCoding: CompressionMethod {
  public static let name = "entropy-coding"
  public static let summary = "packs the network into one file, frequent values in fewer bits"
  public static let paper =
    "Wiedemann et al.: DeepCABAC, 2020; Han, Mao, Dally: Deep Compression, 2016"
  public static let settings = [
    Setting(
      "coder", .word(EntropyCoder.allCases.map(\.rawValue)), default: .word("arithmetic"),
      help: "context-adaptive arithmetic coding, or Huffman codes as the reference point")
  ]
  private let coder: EntropyCoder

  public init(_ values: SettingValues) throws(SettingError) { coder = try values.word("coder") }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    Outcome(graph, coder: coder)
  }
}
