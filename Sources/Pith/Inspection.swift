import Foundation
public import PithGraph
import PithOperators
public import PithReports
import PithRuntime
import PithTensors

/// Counts what a network is made of: parameters, multiply-accumulates, sparsity, bits.
public struct Inspection: Sendable {
  public let report: InspectReport

  public init(_ model: Model) {
    self.init(model.graph, fileBytes: model.fileBytes)
  }

  public init(_ graph: Graph, fileBytes: Int) {
    let measured = MeasuredGraph(graph)
    let connections = graph.connections
    var (parameters, nonzero, seen) = (0, 0, Set<Value>())
    var total: Int? = 0
    let layers = measured.graph.nodes.map { node in
      let weights = measured.trained(by: node)
      for weight in weights where seen.insert(weight.value).inserted {
        parameters += weight.tensor.count
        nonzero += weight.tensor.nonzeroCount
      }
      let macs = measured.macs(of: node)
      total = macs.flatMap { macs in total.map { $0 + macs } }
      let main = weights.first { $0.role == .weight }
      return InspectReport.Layer(
        name: node.name, operator: node.operator.name,
        parameters: weights.reduce(0) { $0 + $1.tensor.count }, macs: macs,
        outputShape: node.output.flatMap { measured.shape(of: $0) },
        weightShape: main?.tensor.shape.dimensions, sparsity: main?.tensor.sparsity,
        bits: main.flatMap { graph.storedBits(of: $0.value, connections) })
    }
    report = InspectReport(
      parameters: parameters, nonzeroParameters: nonzero, macs: total, fileBytes: fileBytes,
      inputs: graph.inputs.map { graph.port(of: $0) },
      outputs: graph.outputs.map { graph.port(of: $0) },
      operators: Dictionary(graph.nodes.map { ($0.operator.name, 1) }, uniquingKeysWith: +),
      layers: layers, unsupported: Set(graph.unsupported.map(\.operator)).sorted())
  }
}

/// A graph at batch 1 with everything computed that does not depend on its inputs, so that weights
/// are seen as they are used, however they are stored.
struct MeasuredGraph {
  struct Weight {
    let value: Value
    let tensor: Tensor
    let role: WeightRole
  }

  let graph: Graph

  init(_ graph: Graph) {
    let bound = (try? graph.binding(graph.batchNames.reduce(into: [:]) { $0[$1] = 1 })) ?? graph
    self.graph = (try? bound.optimized(rules: [])) ?? bound
  }

  /// The weights, biases and normalisations that a node reads.
  func trained(by node: Node) -> [Weight] {
    node.inputs.enumerated().compactMap { index, input in
      guard let input, let tensor = graph.weights[input], tensor.dtype.isFloatingPoint,
        let role = node.operator.role(ofInput: index), role != .statistic
      else { return nil }
      return Weight(value: input, tensor: tensor, role: role)
    }
  }

  /// Nil where a shape is not known.
  func macs(of node: Node) -> Int? {
    let outputs = node.outputs.compactMap { $0.flatMap { graph.fact(of: $0) } }
    let isKnown = outputs.first?.type.shape != nil
    if !isKnown, node.operator is Conv || node.operator is Gemm || node.operator is MatMul {
      return nil
    }
    return isKnown ? node.operator.cost(graph.inputFacts(of: node), outputs).macs : 0
  }

  func shape(of value: Value) -> [PithReports.Dimension]? { graph.reportedShape(of: value) }
}

extension Graph {
  /// The names of the open first extents of the inputs.
  var batchNames: Set<String> {
    Set(
      inputs.compactMap { input in
        if case .named(let name) = type(of: input)?.dimensions.first { name } else { nil }
      })
  }

  fileprivate func reportedShape(of value: Value) -> [PithReports.Dimension]? {
    type(of: value)?.dimensions.map {
      $0.size.map(PithReports.Dimension.fixed) ?? .named($0.description)
    }
  }

  fileprivate func port(of value: Value) -> InspectReport.Port {
    InspectReport.Port(
      name: name(of: value), shape: reportedShape(of: value),
      type: type(of: value)?.dtype.rawValue ?? "unknown")
  }

  /// Bits that one element of a weight is stored with: those of its codes where it is decoded from
  /// codes by the graph.
  fileprivate func storedBits(of value: Value, _ connections: Connections) -> Double? {
    if let tensor = weights[value] { return Double(tensor.dtype.bits) }
    guard let position = connections.producer[value] else { return nil }
    let node = nodes[position]
    guard let source = node.inputs.first ?? nil else { return nil }
    if node.operator is Gather, let entries = weights[source]?.shape.dimensions.first {
      return max(1, log2(Double(entries)).rounded(.up))
    }
    return storedBits(of: source, connections)
  }
}

extension Tensor {
  /// Elements that are not zero.
  var nonzeroCount: Int {
    dtype == .float32
      ? read(as: Float.self) { $0.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
      : doubles.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
  }

  /// Fraction of the elements that are zero.
  var sparsity: Double { count == 0 ? 0 : 1 - Double(nonzeroCount) / Double(count) }
}
