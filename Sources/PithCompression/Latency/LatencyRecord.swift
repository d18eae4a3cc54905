package import Foundation
package import PithGraph
import PithRuntime

/// A timer whose answers are kept in a file: a run that goes on where it was stopped gets those
/// that it had, and takes the same way.
package final class LatencyRecord: LatencyTimer {
  private struct Answers: Codable {
    var rounds: [String: [[Double]]] = [:]
    var profiles: [String: [LatencyProfile]] = [:]
  }

  private let timer: any LatencyTimer
  private let file: URL?
  private var answers: Answers

  /// - Parameter file: nil for as long as this lives.
  package init(_ timer: any LatencyTimer, file: URL?) {
    self.timer = timer
    self.file = file
    answers = file.flatMap { MachineCache.read(Answers.self, from: $0) } ?? Answers()
  }

  /// The timer of a step of a run.
  convenience init(_ context: Context) {
    self.init(context.timer, file: context.checkpoint?.appendingPathExtension("latency.json"))
  }

  package func rounds(of networks: [Graph], batch: Int) -> [[Double]] {
    let key = Self.key(networks, batch)
    if let known = answers.rounds[key] { return known }
    let rounds = timer.rounds(of: networks, batch: batch)
    answers.rounds[key] = rounds
    save()
    return rounds
  }

  package func profiles(of networks: [Graph], batch: Int) throws -> [LatencyProfile] {
    let key = Self.key(networks, batch)
    if let known = answers.profiles[key] { return known }
    let profiles = try timer.profiles(of: networks, batch: batch)
    answers.profiles[key] = profiles
    save()
    return profiles
  }

  private func save() {
    if let file { MachineCache.save(answers, to: file) }
  }

  private static func key(_ networks: [Graph], _ batch: Int) -> String {
    "batch \(batch): " + networks.map(\.fingerprint).joined(separator: " ")
  }
}
