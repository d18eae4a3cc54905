import Foundation
import Pith
import PithData
import PithModels
import PithONNX
import PithTensors
import Testing

/// A folder of a test's own with a small model and data to go with it.
final class Sandbox {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pith-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func path(_ name: String) -> String { file(name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: file(name))
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path(name))
  }

  /// A network for 12x12 images in four classes, untrained.
  func makeModel(_ name: String = "model.onnx") throws {
    let graph = try LeNet300100.network(
      input: ImageSize(channels: 1, height: 12, width: 12), classes: 4, width: 0.1, seed: 1)
    try ONNXWriter.write(graph, to: file(name))
  }

  /// Images whose quarter tells their class, with noise: easy to learn.
  func makeData(_ name: String = "data.npz", train: Int = 512, test: Int = 128) throws {
    var archive = NumPyArchive()
    for (part, count, seed) in [("train", train, UInt64(1)), ("test", test, 2)] {
      var generator = Philox(seed: seed)
      var pixels: [UInt8] = []
      var labels: [Int64] = []
      for index in 0..<count {
        let label = index % 4
        labels.append(Int64(label))
        for y in 0..<12 {
          for x in 0..<12 {
            let isInside = (y / 6) * 2 + x / 6 == label
            pixels.append(UInt8(generator.next() % 100) + (isInside ? 120 : 0))
          }
        }
      }
      try archive.add(Tensor(pixels, [count, 1, 12, 12]), named: "x_\(part)")
      try archive.add(Tensor(labels), named: "y_\(part)")
    }
    try archive.write(to: file(name))
  }

  /// Images of noise whose targets are the means of their four quarters.
  func makeRegressionData(_ name: String = "data.npz", train: Int = 512, test: Int = 64) throws {
    var archive = NumPyArchive()
    for (part, count, seed) in [("train", train, UInt64(1)), ("test", test, 2)] {
      var generator = Philox(seed: seed)
      var pixels: [Float] = []
      var targets = [Double](repeating: 0, count: count * 4)
      for index in 0..<count {
        let levels = (0..<4).map { _ in generator.uniform() }
        for place in 0..<144 {
          let quarter = place / 72 * 2 + place % 12 / 6
          let pixel = levels[quarter] + 0.2 * generator.uniform()
          pixels.append(pixel)
          targets[index * 4 + quarter] += Double(pixel) / 36
        }
      }
      try archive.add(Tensor(pixels, [count, 1, 12, 12]), named: "x_\(part)")
      try archive.add(Tensor(targets, [count, 4]), named: "y_\(part)")
    }
    try archive.write(to: file(name))
  }

  /// Runs the program that was built with the tests, in this folder.
  func pith(_ arguments: [String], environment: [String: String] = [:]) throws -> Finished {
    let program: URL = try #require(Self.program, "the program pith was not built")
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Error output here is short, so it cannot fill its pipe while the other is read.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Finished(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  struct Finished {
    /// -1 where a signal ended it.
    let status: Int32
    let output: String
    let errors: String

    /// The members of the JSON object on standard output.
    var json: [String: Any] {
      get throws {
        try #require(
          try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      }
    }
  }

  /// The program lies beside the bundle of the tests.
  static let program: URL? = {
    let places = [
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
      URL(fileURLWithPath: CommandLine.arguments[0]),
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.build/release/x"),
    ]
    return places.map { $0.deletingLastPathComponent().appendingPathComponent("pith") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()
}
