public import Foundation
public import PithReports

/// The folder of a comparison: its tables, and a run folder for each row and seed.
public struct ComparisonFolder: Sendable {
  public let url: URL

  public init(_ url: URL) { self.url = url }

  /// The figures; after each row those of the rows that are done.
  public var report: URL { url.appendingPathComponent("comparison.json") }
  public var page: URL { url.appendingPathComponent("comparison.html") }
  /// Everything resolved.
  public var recipe: URL { url.appendingPathComponent("comparison.yaml") }
  public var log: URL { url.appendingPathComponent("log.jsonl") }
  private var runs: URL { url.appendingPathComponent("runs") }

  /// The run of a row, counted from 1, with a seed; row 0 is the control.
  func run(_ number: Int, seed: UInt64) -> RunFolder {
    let row = number == 0 ? "control" : "row-\(number)"
    return RunFolder(runs.appendingPathComponent("\(row)-seed-\(seed)"))
  }

  /// The path of a run as the report names it.
  func name(of run: RunFolder) -> String { "runs/\(run.url.lastPathComponent)" }

  /// Whether a comparison was begun here.
  public var isBegun: Bool { FileManager.default.fileExists(atPath: recipe.path) }

  /// The folders directly below one that hold comparisons, by name.
  public static func all(below folder: URL) -> [ComparisonFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { ComparisonFolder(folder.appendingPathComponent($0)) }
      .filter(\.isBegun)
  }

  /// The figures that are there; nil before the first.
  public func reached() throws -> CompareReport? {
    guard FileManager.default.fileExists(atPath: report.path) else { return nil }
    return try CompareReport(json: Data(try WholeFile.read(report)), source: report.path)
  }

  /// Makes the folder for a new comparison. What lies in it already is refused, or with `force`
  /// what an earlier comparison left is removed; other files are never touched.
  func begin(_ recipe: ComparisonRecipe, force: Bool) throws {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    if !entries.isEmpty, !force { throw PithError.exists(path: url.path) }
    try WholeFile.makeFolder(url)
    for old in [report, page, self.recipe, log, runs]
    where FileManager.default.fileExists(atPath: old.path) {
      do { try FileManager.default.removeItem(at: old) } catch {
        throw PithError.unwritable(path: old.path, reason: error.localizedDescription)
      }
    }
    try WholeFile.makeFolder(runs)
    let head = "# Everything resolved. Again: pith compare --recipe comparison.yaml -o FOLDER\n"
    try WholeFile.write(head + recipe.yaml, to: self.recipe)
  }

  /// Writes the figures, for programs and for people.
  func save(_ report: CompareReport) throws {
    try WholeFile.write(ComparePage(report).html(), to: page)
    try WholeFile.write(try report.json(), to: self.report)
  }
}
