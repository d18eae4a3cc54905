import PithCompression
public import PithData
import PithGraph
public import PithRuntime
import PithTensors

/// One run of a network on arrays by the names of its inputs.
public enum Inference {
  /// The outputs by their names. A file with a single array serves a network with a single input
  /// under any name; numbers are converted to the type that the input has.
  public static func run(
    _ model: Model, on arrays: NumPyArchive, from source: String, sparse: SparseExecution = .auto
  ) throws(PithError) -> NumPyArchive {
    let graph = model.graph
    let names = graph.inputs.map { graph.name(of: $0) }
    let isSingle = names.count == 1 && arrays.names.count == 1
    if !isSingle, let stranger = arrays.names.first(where: { !names.contains($0) }) {
      let hint = nearestWord(to: stranger, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .data(
        source: source,
        reason: "array '\(stranger)' is no input of the network, which has "
          + names.map { "'\($0)'" }.joined(separator: ", ") + hint)
    }
    var tensors: [Tensor] = []
    for (input, name) in zip(graph.inputs, names) {
      guard let tensor = arrays[isSingle ? arrays.names[0] : name] else {
        throw .data(source: source, reason: "there is no array for the input '\(name)'")
      }
      tensors.append(
        try fitted(tensor, to: graph.type(of: input), named: name, source: source))
    }
    do throws(GraphError) {
      let bound = try graph.binding(inputs: tensors.map { TensorType($0.dtype, $0.shape) })
      let results = try Executable(bound, sparse: sparse).run(tensors)
      return try archive(of: results, names: graph.outputs.map { graph.name(of: $0) })
    } catch {
      throw PithError(error, file: model.url)
    }
  }

  private static func archive(of results: [Tensor], names: [String]) throws(GraphError)
    -> NumPyArchive
  {
    var archive = NumPyArchive()
    for (name, tensor) in zip(names, results) {
      do { try archive.add(tensor, named: name) } catch {
        throw GraphError.invalid(error.description)
      }
    }
    return archive
  }

  private static func fitted(
    _ tensor: Tensor, to type: TensorType?, named name: String, source: String
  ) throws(PithError) -> Tensor {
    guard let type else { return tensor }
    let isFitting =
      tensor.shape.rank == type.rank
      && zip(tensor.shape.dimensions, type.dimensions).allSatisfy {
        $1.size == nil || $0 == $1.size
      }
    guard isFitting else {
      throw .data(
        source: source,
        reason: "array '\(name)' is \(tensor.shape), but the network reads \(type)")
    }
    guard tensor.dtype != .string, type.dtype != .string else {
      throw .data(source: source, reason: "array '\(name)' holds text, which is not computed with")
    }
    return tensor.converted(to: type.dtype)
  }
}
