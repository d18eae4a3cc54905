import Foundation
import PithGraph
import PithONNX
import PithRuntime
import PithTensors

/// One of ONNX's node tests: a folder with a small model, inputs, and the outputs they should give.
struct NodeTest {
  private let folder: URL

  init(_ folder: URL) { self.folder = folder }

  var verdict: Verdict {
    do {
      let graph = try ONNXReader.read(folder.appendingPathComponent("model.onnx"))
      if let first = graph.unsupported.first {
        return .unsupported("\(first.operator): \(first.reason)")
      }
      let inputs = try graph.inputs.indices.map { try input($0, of: graph) }
      let results = try run(graph, inputs)
      for (index, result) in results.enumerated() {
        let expected = try tensor("output", index)
        if let difference = Comparison(result, expected).difference {
          return .failed("output \(index): \(difference)")
        }
      }
      return .passed
    } catch {
      return Verdict(error)
    }
  }

  private func input(_ index: Int, of graph: Graph) throws -> Tensor {
    do { return try tensor("input", index) } catch {
      guard graph.type(of: graph.inputs[index]) == nil, case .failed = Verdict(error) else {
        throw error
      }
      throw Refusal("the input '\(graph.name(of: graph.inputs[index]))', a sequence or optional")
    }
  }

  private func tensor(_ kind: String, _ index: Int) throws -> Tensor {
    try TensorFile.read(
      folder.appendingPathComponent("test_data_set_0/\(kind)_\(index).pb")
    ).tensor
  }

  /// Runs the compiled model. What ONNX lets be computed but has to be known here before running
  /// (axes, a target shape, ...) becomes a constant: all inputs but the first, or all.
  private func run(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    for kept in [inputs.count, 1] where kept > 0 && kept <= inputs.count {
      guard let bound = try? bind(graph, inputs, keeping: kept),
        bound.outputs.allSatisfy({ bound.type(of: $0)?.shape != nil }),
        let executable = try? Executable(bound)
      else { continue }
      return try executable.run(Array(inputs.prefix(kept)))
    }
    return try Executable(bind(graph, inputs, keeping: 0)).run([])
  }

  private func bind(_ graph: Graph, _ inputs: [Tensor], keeping kept: Int) throws -> Graph {
    var fixed = graph
    for (input, tensor) in zip(graph.inputs, inputs).dropFirst(kept) { fixed.fix(input, tensor) }
    return try fixed.binding(inputs: inputs.prefix(kept).map { TensorType($0.dtype, $0.shape) })
  }
}
