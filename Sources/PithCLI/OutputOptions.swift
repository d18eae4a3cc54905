public import ArgumentParser
import Foundation
import Pith
import PithKernels
public import PithRuntime

/// What all commands understand.
struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but results, warnings and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more.")
  var verbose = false

  @Flag(help: "Print the result as one JSON object.")
  var json = false

  mutating func validate() throws {
    if quiet, verbose { throw ValidationError("-q and -v exclude each other") }
  }
}

/// The options of commands that compute.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads that compute (default: the cores of the process).")
  var threads: Int?

  mutating func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024, not \(threads)")
    }
  }

  /// Sets the number of threads.
  func apply() {
    let environment = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"]
    if let threads {
      KernelLibrary.threads = threads
    } else if environment == nil {
      KernelLibrary.threads = ProcessInfo.processInfo.activeProcessorCount
    }
  }
}

/// The options of commands that write a file.
struct TargetOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  @Flag(help: "Replace what is there.")
  var force = false

  /// The place to write to, once it is known to be free.
  func free() throws -> URL {
    let url = URL(fileURLWithPath: output)
    try WholeFile.checkFree(url, force: force)
    return url
  }
}

/// How commands are told how to compute sparse layers.
struct RuntimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How layers with many zeros are computed: auto takes what is faster on this machine, sparse "
        + "skips zeros, dense does not.", valueName: "auto, dense or sparse"))
  var runtime: SparseExecution?

  /// For commands that measure or use a network: the faster way.
  var usual: SparseExecution { runtime ?? .auto }

  /// For accuracies, which should not depend on what was faster: the dense way.
  var exact: SparseExecution { runtime ?? .dense }
}

extension SparseExecution: ExpressibleByArgument {}
