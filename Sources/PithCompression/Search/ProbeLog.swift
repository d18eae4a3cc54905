import Foundation

/// What was tried so far, kept in a file, so that a search which was stopped tries nothing twice,
/// and takes the same way even where times were measured.
final class ProbeLog {
  private struct Entries: Codable {
    var subject: String
    var outcomes: [ProbeOutcome]
  }

  private let file: URL?
  private var entries: Entries

  /// - Parameters:
  ///   - file: nil for nowhere.
  ///   - subject: what the outcomes are of; those of another are not read.
  init(_ file: URL?, subject: String) {
    self.file = file
    let data = file.flatMap { try? Data(contentsOf: $0) }
    let stored = data.flatMap { try? JSONDecoder().decode(Entries.self, from: $0) }
    entries =
      stored.flatMap { $0.subject == subject ? $0 : nil } ?? Entries(subject: subject, outcomes: [])
  }

  /// The outcome of thresholds, measured where it is not known.
  func outcome(_ thresholds: [Double], measure: ([Double]) throws -> ProbeOutcome) throws
    -> ProbeOutcome
  {
    if let known = entries.outcomes.first(where: { $0.thresholds == thresholds }) { return known }
    let outcome = try measure(thresholds)
    entries.outcomes.append(outcome)
    if let file { try JSONEncoder().encode(entries).write(to: file, options: .atomic) }
    return outcome
  }
}
