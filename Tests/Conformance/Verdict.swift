import PithGraph
import PithONNX
import PithTensors

/// How a test came out.
enum Verdict {
  case passed
  /// A wrong result, or an error that is no honest refusal.
  case failed(String)
  /// Refused with an error that names what is not supported.
  case unsupported(String)

  var word: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .unsupported: "unsupported"
    }
  }

  var reason: String {
    switch self {
    case .passed: ""
    case .failed(let reason), .unsupported(let reason): reason
    }
  }

  /// What an error says of a model that ONNX itself holds for right.
  init(_ error: any Error) {
    switch error {
    case let error as GraphError: self = Verdict(error)
    case let error as ONNXError: self = Verdict(error)
    case let refusal as Refusal: self = .unsupported(refusal.reason)
    default: self = .failed("\(error)")
    }
  }

  private init(_ error: GraphError) {
    switch error {
    case .notExecutable, .kernel(_, _, .unsupported), .attribute(_, _, .unsupported),
      .shape(_, _, .type), .shape(_, _, .notConstant):
      self = .unsupported(error.description)
    default: self = .failed(error.description)
    }
  }

  private init(_ error: ONNXError) {
    switch error {
    case .version: self = .unsupported(error.description)
    case .tensor(_, let problem) where problem.hasSuffix("are not supported"):
      self = .unsupported(error.description)
    default: self = .failed(error.description)
    }
  }
}

/// A test that Pith has no values for.
struct Refusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
