import Foundation
import PithGraph
import PithONNX
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// One of ONNX's own operator tests: a small model with inputs and the outputs they should give.
struct ConformanceCase: Decodable, Sendable, CustomTestStringConvertible {
  /// Where a file lies in `conformance.bin`: offset and length.
  typealias Place = [Int]

  let name: String
  let model: Place
  let inputs: [Place]
  let outputs: [Place]

  var testDescription: String { name }

  static let all: [ConformanceCase] = {
    guard let data = try? Data(contentsOf: fixture("conformance.json")) else { return [] }
    return (try? JSONDecoder().decode([ConformanceCase].self, from: data)) ?? []
  }()

  /// The tests that are known not to run here, with the reason.
  static let unsupported: [String: String] = {
    let text = (try? String(contentsOf: fixture("unsupported.txt"), encoding: .utf8)) ?? ""
    let pairs = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
    return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
  }()

  static let supported = all.filter { unsupported[$0.name] == nil }

  private static let blob = (try? Data(contentsOf: fixture("conformance.bin"))) ?? Data()

  private static func fixture(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
  }

  private func bytes(_ place: Place) -> Data {
    Self.blob.subdata(in: place[0]..<(place[0] + place[1]))
  }

  func tensors(_ places: [Place]) throws -> [Tensor] {
    try places.map { try TensorFile.read(bytes($0)).tensor }
  }

  /// The model with fixed shapes, and the inputs that are left. What ONNX lets be computed but has
  /// to be known here before running (axes, shapes, ...) becomes a constant: all inputs but the
  /// first, or all.
  func bound() throws -> (Graph, [Tensor]) {
    let graph = try ONNXReader.read(bytes(model))
    let tensors = try tensors(inputs)
    for kept in [tensors.count, 1] {
      if let bound = try? bind(graph, tensors, keeping: kept), Self.isFixed(bound) {
        return (bound, Array(tensors.prefix(kept)))
      }
    }
    return (try bind(graph, tensors, keeping: 0), [])
  }

  private func bind(_ graph: Graph, _ tensors: [Tensor], keeping kept: Int) throws -> Graph {
    var fixed = graph
    for (input, tensor) in zip(graph.inputs, tensors).dropFirst(kept) { fixed.fix(input, tensor) }
    return try fixed.binding(
      inputs: tensors.prefix(kept).map { TensorType($0.dtype, $0.shape) })
  }

  private static func isFixed(_ graph: Graph) -> Bool {
    graph.outputs.allSatisfy { graph.type(of: $0)?.shape != nil }
  }
}

@Suite("ONNX's own operator tests")
struct ConformanceTests {
  @Test("pass node by node", arguments: ConformanceCase.supported)
  func evaluated(_ test: ConformanceCase) throws {
    try check(test) { graph, inputs in
      try Evaluator().run(graph, inputs)
    }
  }

  @Test("pass when compiled", arguments: ConformanceCase.supported)
  func compiled(_ test: ConformanceCase) throws {
    try check(test) { graph, inputs in
      try Executable(graph).run(inputs)
    }
  }

  @Test("are there, but for those named in unsupported.txt")
  func count() {
    #expect(ConformanceCase.all.count > 700)
    let names = Set(ConformanceCase.all.map(\.name))
    for name in ConformanceCase.unsupported.keys { #expect(names.contains(name)) }
  }

  private func check(
    _ test: ConformanceCase, _ run: (Graph, [Tensor]) throws -> [Tensor]
  ) throws {
    let results: [Tensor]
    do {
      let (graph, inputs) = try test.bound()
      results = try run(graph, inputs)
    } catch {
      Issue.record("\(test.name): \(error)")
      return
    }
    let expected = try test.tensors(test.outputs)
    try #require(results.count == expected.count)
    for (result, expected) in zip(results, expected) {
      #expect(result.dtype == expected.dtype)
      #expect(result.shape == expected.shape)
      if expected.dtype.isFloatingPoint {
        let relative: Float =
          switch expected.dtype {
          case .float16: 1e-3
          case .bfloat16: 8e-3
          default: 1e-4
          }
        expectClose(
          result.floats, expected.floats, relative: relative, absolute: 1e-5, test.name)
      } else {
        #expect(result.integers == expected.integers)
      }
    }
  }
}
