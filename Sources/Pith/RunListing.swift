public import Foundation
public import PithReports

/// The runs and comparisons below a folder.
public struct RunListing: Report {
  public struct Run: Codable, Sendable, Hashable {
    public var folder: String
    public var isFinished: Bool
    public var model: String?
    public var headline: String?
    public var created: Date?
  }

  public var runs: [Run]

  public init(below folder: URL) throws(PithError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw .missing(path: folder.path) }
    let single = RunFolder.all(below: folder).map { run in
      let report = try? run.finishedReport()
      return Run(
        folder: run.url.lastPathComponent, isFinished: run.isFinished, model: report?.model,
        headline: report.map { "\(Headline($0))" }, created: report?.created)
    }
    let comparisons = ComparisonFolder.all(below: folder).map { comparison in
      let report = try? comparison.reached()
      return Run(
        folder: comparison.url.lastPathComponent, isFinished: report?.isFinished ?? false,
        model: report?.model, headline: report.map { "compared: \($0.headline)" },
        created: report?.created)
    }
    runs = (single + comparisons).sorted { $0.folder < $1.folder }
  }
}

extension RunFolder {
  /// The report of a finished run.
  public func finishedReport() throws -> CompressReport {
    guard isFinished else {
      if isResumable {
        throw PithError.option(
          url.path, reason: "the run is not finished; go on with: pith runs resume \(url.path)")
      }
      throw PithError.missing(path: report.path)
    }
    return try CompressReport(json: Data(try WholeFile.read(report)), source: report.path)
  }
}
