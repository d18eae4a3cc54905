import Foundation
import PithData
import PithTensors

/// Everything a job needs to go on as if it had never stopped: one file, written whole or not at
/// all.
struct Checkpoint {
  struct Position: Codable {
    var fingerprint: String
    var step: Int
    var epochLoss: Double
    var epochCorrect: Double
    var epochs: [EpochResult]
  }

  var position: Position
  var states: [Tensor]

  init(position: Position, states: [Tensor]) {
    self.position = position
    self.states = states
  }

  init(contentsOf url: URL) throws {
    let archive = try NumPyArchive(contentsOf: url)
    guard let header = archive["position"], header.dtype == .uint8,
      let position = try? JSONDecoder().decode(
        Position.self, from: Data(header.array(of: UInt8.self)))
    else { throw TrainingError.checkpoint("\(url.path) is damaged or not a checkpoint") }
    self.position = position
    states = []
    while let tensor = archive["state\(states.count)"] { states.append(tensor) }
  }

  func write(to url: URL) throws {
    var archive = NumPyArchive()
    let header = try JSONEncoder().encode(position)
    try archive.add(Tensor([UInt8](header)), named: "position")
    for (index, state) in states.enumerated() {
      try archive.add(state, named: "state\(index)")
    }
    try archive.write(to: url)
  }
}
