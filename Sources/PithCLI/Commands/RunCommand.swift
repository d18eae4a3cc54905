import ArgumentParser
import Foundation
import Pith
import PithData
import PithTensors

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a model once on arrays from a NumPy file.")

  @Argument(help: "An ONNX model or a .pith archive.")
  var model: String

  @Option(help: "An .npz file with an array for each input, by name (or .npy for one input).")
  var inputs: String

  @OptionGroup var target: TargetOptions
  @OptionGroup var runtime: RuntimeOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    threads.apply()
    let target = try target.free()
    let model = try Model(reading: URL(fileURLWithPath: model))
    let arrays = try NumPyArchive(contentsOf: URL(fileURLWithPath: inputs))
    let results = try Inference.run(model, on: arrays, from: inputs, sparse: runtime.usual)
    try results.write(to: target)
    for name in results.names {
      guard let array = results[name] else { continue }
      console.note("\(name): \(array.dtype.rawValue) \(array.shape)")
    }
  }
}
