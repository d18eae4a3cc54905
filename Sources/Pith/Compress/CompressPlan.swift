import Foundation
import PithCompression
public import PithReports

/// What a recipe would do, without doing it.
public struct CompressPlan: Report {
  public var model: String
  public var data: String?
  public var steps: [String]
  public var onnxBytes: Int
  /// A rough guess of the archive: entropy of the zeros' places plus the bits of what is left.
  public var predictedPithBytes: Int
  public var recipe: String
}

extension Recipe {
  /// Looks at the model alone; opens no data and writes nothing.
  public func plan() throws(PithError) -> CompressPlan {
    guard let url = model else {
      throw .option("model", reason: "neither the command nor the recipe names a model")
    }
    let model = try Model(reading: url)
    let parameters = Inspection(model).report.parameters
    return CompressPlan(
      model: model.name, data: data, steps: steps.map(\.name), onnxBytes: model.fileBytes,
      predictedPithBytes: Int(Double(parameters) * predictedBits / 8) + 2000, recipe: yaml)
  }

  /// Bits a weight takes after entropy coding, from the sparsity and the bits of the steps.
  private var predictedBits: Double {
    var (kept, bits) = (1.0, 27.0)
    for step in steps {
      if let sparsity = try? step.values.number("sparsity") { kept = min(kept, 1 - sparsity) }
      // Values of a trained layer are far from uniform: about a fifth of their bits is saved.
      if let own = try? step.values.wholeNumber("bits") { bits = min(bits, Double(own) * 0.8) }
    }
    guard kept > 0, kept < 1 else { return kept * bits }
    return -kept * log2(kept) - (1 - kept) * log2(1 - kept) + kept * bits
  }
}
