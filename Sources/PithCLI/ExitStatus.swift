import ArgumentParser
import Foundation
import Pith
import PithCompression
import PithData
import PithGraph
import PithModels
import PithONNX
import PithReports
import PithTraining

/// How the program ends: the statuses of sysexits.h where they fit.
enum ExitStatus: Int32 {
  /// The accuracy or size that was asked for was missed; results are written.
  case missed = 3
  case usage = 64
  /// A bad model or bad data.
  case badInput = 65
  case missingInput = 66
  /// A fault of Pith's own.
  case fault = 70
  case cannotWrite = 73
  /// Stopped; can be resumed.
  case stopped = 75
  case badRecipe = 78
  case interrupted = 130

  /// The only place where errors become statuses.
  init(_ error: any Error) {
    self =
      switch error {
      case let error as PithError: Self.status(of: error)
      case let error as DataError: Self.status(of: error)
      case let error as TrainingError: Self.status(of: error)
      case let error as ModelError: Self.status(of: error)
      case let error as CompressionError: Self.status(of: error)
      case is RecipeError, is SettingError: .badRecipe
      case let error as ONNXError: Self.status(of: error)
      case is GraphError: .badInput
      case is ReportError: .fault
      default: .fault
      }
  }

  private static func status(of error: PithError) -> ExitStatus {
    switch error {
    case .missing: .missingInput
    case .unreadable, .model, .data: .badInput
    case .unwritable, .exists: .cannotWrite
    case .option: .usage
    case .stopped: .stopped
    case .interrupted: .interrupted
    case .fault: .fault
    }
  }

  private static func status(of error: DataError) -> ExitStatus {
    switch error {
    case .missing: .missingInput
    case .unwritable: .cannotWrite
    case .specification, .setting: .usage
    default: .badInput
    }
  }

  private static func status(of error: TrainingError) -> ExitStatus {
    switch error {
    case .interrupted: .interrupted
    case .setting: .usage
    default: .badInput
    }
  }

  private static func status(of error: CompressionError) -> ExitStatus {
    if case .needsData = error { .usage } else { .badInput }
  }

  private static func status(of error: ONNXError) -> ExitStatus {
    switch error {
    case .missingFile: .missingInput
    case .unwritable: .cannotWrite
    default: .badInput
    }
  }

  private static func status(of error: ModelError) -> ExitStatus {
    switch error {
    case .classes, .width: .usage
    case .channels, .size: .badInput
    case .graph: .fault
    }
  }

  /// Tells the error on standard error and ends the process; help and versions go to standard
  /// output and are no error.
  static func exit(_ error: any Error) -> Never {
    let isParsing = PithCommand.exitCode(for: error) != .failure || error is ExitCode
    if isParsing { PithCommand.exit(withError: error) }
    Console.standardError("pith: \(error)\n")
    Foundation.exit(ExitStatus(error).rawValue)
  }
}
