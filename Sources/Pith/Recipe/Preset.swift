import PithCompression

/// A recipe that comes with Pith.
public struct Preset: Sendable {
  public let name: String
  public let summary: String
  /// The steps, in YAML.
  public let text: String

  /// The recipe, without model and data.
  public func recipe() throws(RecipeError) -> Recipe {
    try Recipe(text, source: "preset \(name)")
  }
}

/// Every preset, in alphabetical order.
public let presets = [
  Preset(
    name: "deep-compression",
    summary: "pruned, shared in 16 values a layer and entropy-coded (Han, Mao, Dally 2016)",
    text: """
      steps:
        - pruning:
            sparsity: 0.95
            schedule: gradual
            epochs: 4
            optimizer: adam
            learning-rate: 0.001
            distill: true
        - weight-sharing: {bits: 4, initialization: linear, epochs: 1, distill: true}
        - entropy-coding: {coder: arithmetic}
      """),
  Preset(
    name: "int8",
    summary: "weights and activations as 8-bit integers, without training",
    text: """
      steps:
        - quantization: {bits: 8, ranges: mse}
        - entropy-coding: {coder: arithmetic}
      """),
  Preset(
    name: "tiny",
    summary: "as small as it gets without loss on easy data: 98.5 % pruned, 8 values a layer",
    text: """
      steps:
        - pruning:
            sparsity: 0.985
            schedule: gradual
            epochs: 10
            optimizer: adam
            learning-rate: 0.001
            distill: true
        - weight-sharing: {bits: 3, initialization: linear, epochs: 4, distill: true}
        - entropy-coding: {coder: arithmetic}
      """),
]

/// The preset with a name; an unknown one is refused with the nearest known one.
public func preset(named name: String) throws(PithError) -> Preset {
  if let preset = presets.first(where: { $0.name == name }) { return preset }
  let names = presets.map(\.name)
  let hint = nearestWord(to: name, in: names).map { "; did you mean '\($0)'?" } ?? ""
  throw .option(
    "preset", reason: "no preset '\(name)' (there are \(names.joined(separator: ", ")))\(hint)")
}
