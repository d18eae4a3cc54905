import Foundation
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

/// One operator applied to given inputs, and what ONNX Runtime made of them; written by
/// `Scripts/golden/operators.py`.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
  let `operator`: String
  let attributes: [String: GoldenAttribute]
  let inputs: [GoldenTensor?]
  let outputs: [GoldenTensor]

  var testDescription: String {
    let settings = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.value)" }
    let shapes = inputs.map { $0.map { "\($0.shape)" } ?? "absent" }
    return "\(`operator`) \(settings.joined(separator: " ")) of \(shapes.joined(separator: ", "))"
  }

  static func all(in file: String) -> [GoldenCase] {
    guard
      let url = Bundle.module.url(
        forResource: file, withExtension: "json", subdirectory: "Fixtures"),
      let data = try? Data(contentsOf: url)
    else { return [] }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return try decoder.decode([GoldenCase].self, from: data) } catch {
      Issue.record("\(file): \(error)")
      return []
    }
  }

  /// What the operator gives here. Inputs that ONNX wants known before running are constants.
  func run(keepingLayouts: Bool = false) throws -> [Tensor] {
    let kind = try #require(operatorType(named: `operator`, domain: ""))
    var graph = Graph()
    var data: [Tensor] = []
    let values = inputs.enumerated().map { index, input -> Value? in
      guard let tensor = input?.tensor else { return nil }
      guard index == 0, tensor.dtype == .float32, tensor.shape.rank > 0 else {
        return graph.addWeight("input\(index)", tensor)
      }
      data.append(tensor)
      return graph.addInput("data", TensorType(tensor.dtype, tensor.shape))
    }
    let instance = try kind.init(Attributes(attributes.mapValues(\.value)))
    for output in try graph.add(instance, values, outputs: outputs.count) {
      graph.addOutput(output)
    }
    return try Evaluator(keepsLayouts: keepingLayouts).run(graph, data)
  }

  func expectAgreement(relative: Float = 1e-5, absolute: Float = 2e-6) throws {
    let results = try run()
    #expect(results.count == outputs.count)
    for (result, expected) in zip(results, outputs) {
      #expect(result.shape == Shape(expected.shape), "\(testDescription)")
      let isPacked = result.dtype == .int4 || result.dtype == .uint4
      #expect(isPacked || result.dtype.rawValue == expected.dtype)
      expectClose(
        result.floats, expected.values.map { Float($0) }, relative: relative, absolute: absolute,
        testDescription)
    }
  }
}

struct GoldenTensor: Decodable, Sendable {
  let dtype: String
  let shape: [Int]
  let values: [Double]

  var tensor: Tensor {
    let type = DType(rawValue: dtype)!
    let shape = Shape(shape)
    switch type {
    case .int4, .uint4: return Tensor(packing: values.map { Int($0) }, type, shape)
    case .float32: return Tensor(values.map { Float($0) }, shape)
    default: return Tensor(values.map { Int64($0) }, shape).converted(to: type)
    }
  }
}

struct GoldenAttribute: Decodable, Sendable {
  let value: AttributeValue

  private struct Boxed: Decodable { let tensor: GoldenTensor }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      value = .int(number)
    } else if let number = try? container.decode(Float.self) {
      value = .float(number)
    } else if let word = try? container.decode(String.self) {
      value = .string(word)
    } else if let list = try? container.decode([Int].self) {
      value = .ints(list)
    } else if let list = try? container.decode([Float].self) {
      value = .floats(list)
    } else if let list = try? container.decode([String].self) {
      value = .strings(list)
    } else {
      value = .tensor(try container.decode(Boxed.self).tensor.tensor)
    }
  }
}
