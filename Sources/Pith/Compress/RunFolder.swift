public import Foundation
import PithCoding
import PithReports

/// The folder of a compression run: its results, and while it runs what it needs to go on.
public struct RunFolder: Sendable {
  public let url: URL

  public init(_ url: URL) { self.url = url }

  public var model: URL { url.appendingPathComponent("model.onnx") }
  public var archive: URL { url.appendingPathComponent("model.pith") }
  public var report: URL { url.appendingPathComponent("report.json") }
  public var page: URL { url.appendingPathComponent("report.html") }
  public var recipe: URL { url.appendingPathComponent("recipe.yaml") }
  public var log: URL { url.appendingPathComponent("log.jsonl") }
  /// Gone when the run is finished.
  private var checkpoints: URL { url.appendingPathComponent("checkpoints") }
  private var stateFile: URL { checkpoints.appendingPathComponent("state.json") }
  /// Where training inside a step, counted from 1, saves itself.
  func training(inStep number: Int) -> URL {
    checkpoints.appendingPathComponent("training-\(number).npz")
  }

  /// The network after a step, counted from 1.
  func network(afterStep number: Int) -> URL {
    checkpoints.appendingPathComponent("step-\(number).onnx")
  }

  /// Where the control's training in the stead of a step, counted from 1, saves itself.
  func controlTraining(inStep number: Int) -> URL {
    checkpoints.appendingPathComponent("control-training-\(number).npz")
  }

  /// The control after as many steps.
  func control(afterStep number: Int) -> URL {
    checkpoints.appendingPathComponent("control-\(number).onnx")
  }

  /// Whether a run has finished here.
  public var isFinished: Bool { FileManager.default.fileExists(atPath: report.path) }

  /// Whether a run was begun here and can go on.
  public var isResumable: Bool {
    !isFinished && FileManager.default.fileExists(atPath: recipe.path)
  }

  /// Makes the folder for a new run. What lies in it already is refused, or with `force` what an
  /// earlier run left is removed; other files are never touched.
  public func begin(_ recipe: Recipe, force: Bool) throws(PithError) {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    if !entries.isEmpty, !force { throw .exists(path: url.path) }
    try WholeFile.makeFolder(url)
    for old in [report, page, model, archive, self.recipe, log, checkpoints]
    where FileManager.default.fileExists(atPath: old.path) {
      do { try FileManager.default.removeItem(at: old) } catch {
        throw .unwritable(path: old.path, reason: error.localizedDescription)
      }
    }
    try WholeFile.makeFolder(checkpoints)
    let head = "# Everything resolved. Again: pith compress --recipe recipe.yaml -o FOLDER\n"
    try WholeFile.write(head + recipe.yaml, to: self.recipe)
  }

  /// What was saved after the last finished step; nil before the first.
  func state() throws -> RunState? {
    guard FileManager.default.fileExists(atPath: stateFile.path) else { return nil }
    return try RunState(json: Data(try WholeFile.read(stateFile)), source: stateFile.path)
  }

  func save(_ state: RunState) throws {
    try WholeFile.write(try state.json(), to: stateFile)
  }

  /// Removes what only a running job needs, and what a killed one left half-written.
  func finish() {
    let manager = FileManager.default
    try? manager.removeItem(at: checkpoints)
    for name in (try? manager.contentsOfDirectory(atPath: url.path)) ?? []
    where name.hasPrefix(".") && name.hasSuffix(".part") {
      try? manager.removeItem(at: url.appendingPathComponent(name))
    }
  }

  /// The folders directly below one that hold runs, by name.
  public static func all(below folder: URL) -> [RunFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { RunFolder(folder.appendingPathComponent($0)) }
      .filter { $0.isFinished || $0.isResumable }
  }
}

/// Where a run stands after its last finished step.
struct RunState: Report {
  /// The given network, measured on the validation split.
  var baseline: Measurements
  var steps: [StepRecord] = []
  /// What the tensors of the given network, and of the last step's, take in an archive.
  var baselineEntries: [ArchiveEntry]?
  var entries: [ArchiveEntry]?
  /// How the archive is coded, where a step said so.
  var coder: String?
  /// Steps that the control has gone through.
  var controlSteps: Int?
  var warnings: [String] = []
  var seconds = 0.0
}
