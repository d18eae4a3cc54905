public import Foundation
import PithCompression
public import PithReports
import PithTraining

/// What `pith demo` does: trains a network, then compresses it.
public struct Demo: Sendable {
  public let data: String
  public let isQuick: Bool
  public let seed: UInt64
  public let folder: URL
  public let force: Bool

  public init(data: String, isQuick: Bool, seed: UInt64, folder: URL, force: Bool) {
    self.data = data
    self.isQuick = isQuick
    self.seed = seed
    self.folder = folder
    self.force = force
  }

  public var architecture: String { isQuick ? "lenet-5" : "mnist-cnn" }
  /// The trained network, uncompressed.
  public var model: URL { folder.appendingPathComponent("\(architecture).onnx") }
  public var run: RunFolder { RunFolder(folder.appendingPathComponent("run")) }

  public func train(_ observer: JobObserver) throws -> TrainReport {
    if FileManager.default.fileExists(atPath: folder.path), !force {
      throw PithError.exists(path: folder.path)
    }
    try WholeFile.makeFolder(folder)
    let settings = TrainingSettings(
      epochs: isQuick ? 1 : 2, batch: isQuick ? 64 : 128, optimizer: .adam, seed: seed)
    return try TrainingJob(
      .architecture(architecture, width: 1), data: data, settings: settings, target: model
    ).run(observer)
  }

  public func compress(_ observer: JobObserver) throws -> CompressReport {
    var recipe = try preset(named: "deep-compression").recipe()
    if isQuick {
      recipe.steps = try recipe.steps.map { try $0.setting("epochs", to: .wholeNumber(1)) }
    }
    recipe.model = model
    recipe.data = data
    recipe.seed = seed
    return try Pipeline(recipe, in: run, observer: observer).run(force: force)
  }
}

extension Recipe.Step {
  /// The step with another value of a setting, or as it is where it has none of that name.
  func setting(_ name: String, to value: PithCompression.SettingValue) throws(SettingError) -> Self
  {
    guard values.settings.contains(where: { $0.name == name }) else { return self }
    var given = Dictionary(values.resolved.map { ($0.name, $0.value) }) { first, _ in first }
    given[name] = value
    return try Self(type, SettingValues(type.settings, given: given))
  }
}
