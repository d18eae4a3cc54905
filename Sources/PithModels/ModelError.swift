public import PithGraph

/// Why a network cannot be made as asked.
public enum ModelError: Error, Sendable, CustomStringConvertible {
  case channels(architecture: String, given: Int)
  case size(architecture: String, smallest: Int, height: Int, width: Int)
  case classes(architecture: String, given: Int)
  case width(architecture: String, given: Double)
  case graph(architecture: String, GraphError)

  public var description: String {
    switch self {
    case .channels(let name, let given): "\(name): images cannot have \(given) channels"
    case .size(let name, let smallest, let height, let width):
      "\(name) needs images of at least \(smallest)x\(smallest) (and at most 8192), not "
        + "\(height)x\(width); choose another size in the preprocessing"
    case .classes(let name, let given): "\(name): cannot tell \(given) classes apart"
    case .width(let name, let given): "\(name): width \(given) is not from 0.01 to 16"
    case .graph(let name, let error): "\(name): \(error)"
    }
  }
}
