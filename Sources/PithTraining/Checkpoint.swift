import Foundation
import PithData
import PithTensors

/// Everything a job needs to go on as if it had never stopped: one file of named arrays (NPZ, each
/// with its checksum), written whole or not at all.
struct Checkpoint {
  /// What the job was: settings, data, and what is kept of each weight.
  var job: [String]
  var position: TrainingPosition
  var states: [Tensor]
  /// The trained values of the best epoch; empty for none.
  var best: [Tensor]

  private struct Header: Codable {
    var job: [String]
    var position: TrainingPosition
  }

  init(job: [String], position: TrainingPosition, states: [Tensor], best: [Tensor]) {
    self.job = job
    self.position = position
    self.states = states
    self.best = best
  }

  init(contentsOf url: URL) throws {
    let archive = try NumPyArchive(contentsOf: url)
    guard let bytes = archive["header"], bytes.dtype == .uint8,
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes.array(of: UInt8.self)))
    else { throw TrainingError.checkpoint("\(url.path) is damaged or not a checkpoint") }
    self.init(job: header.job, position: header.position, states: [], best: [])
    while let tensor = archive["state\(states.count)"] { states.append(tensor) }
    while let tensor = archive["best\(best.count)"] { best.append(tensor) }
  }

  func write(to url: URL) throws {
    var archive = NumPyArchive()
    let header = try JSONEncoder().encode(Header(job: job, position: position))
    try archive.add(Tensor([UInt8](header)), named: "header")
    for (index, state) in states.enumerated() { try archive.add(state, named: "state\(index)") }
    for (index, value) in best.enumerated() { try archive.add(value, named: "best\(index)") }
    try archive.write(to: url)
  }
}
