import PithTensors

/// A graph as text, one line per input, weight, node and output, for people and for tests.
///
///     network "lenet"
///     input image: float32[N, 1, 28, 28]
///     weight conv.weight: float32[6, 1, 5, 5]
///     features: float32[N, 6, 24, 24] = Conv(kernel_shape: [5, 5]) image, conv.weight  // conv
///     output features
public struct GraphPrinter: Sendable {
  private let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  public var text: String { lines.joined(separator: "\n") + "\n" }

  public var lines: [String] {
    var lines = ["network \"\(graph.name)\""]
    lines += graph.inputs.map { "input \(typed($0))" }
    lines += graph.orderedWeights.map { "weight \(typed($0))" }
    lines += graph.nodes.map(line)
    lines += graph.outputs.map { "output \(graph.name(of: $0))" }
    lines += graph.updates.map { "\(graph.name(of: $0.state)) <- \(graph.name(of: $0.next))" }
    return lines
  }

  /// One node: `outputs = Operator(attributes) inputs  // name`.
  public func line(_ node: Node) -> String {
    let outputs = node.outputs.map { $0.map(typed) ?? "_" }.joined(separator: ", ")
    var inputs = node.inputs.map { $0.map(graph.name(of:)) ?? "_" }
    if !node.captured.isEmpty {
      inputs.append("[\(node.captured.map(graph.name(of:)).joined(separator: ", "))]")
    }
    let attributes = node.operator.attributes.values.sorted { $0.key < $1.key }
      .map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
    let call = node.operator.name + (attributes.isEmpty ? "" : "(\(attributes))")
    let arguments = inputs.isEmpty ? "" : " " + inputs.joined(separator: ", ")
    return "\(outputs) = \(call)\(arguments)  // \(node.name)"
  }

  private func typed(_ value: Value) -> String {
    "\(graph.name(of: value)): \(graph.type(of: value)?.description ?? "?")"
  }

  private func text(_ value: AttributeValue) -> String {
    switch value {
    case .int(let number): String(number)
    case .float(let number): String(number)
    case .string(let text): "\"\(text)\""
    case .tensor(let tensor): TensorType(tensor.dtype, tensor.shape).description
    case .ints(let numbers): list(numbers)
    case .floats(let numbers): list(numbers)
    case .strings(let texts): list(texts)
    case .encoded(let bytes): "\(bytes.count) bytes"
    }
  }

  private func list(_ elements: [some Any]) -> String {
    let shown = elements.prefix(16).map { "\($0)" }
    let rest = elements.count > 16 ? ["and \(elements.count - 16) more"] : []
    return "[\((shown + rest).joined(separator: ", "))]"
  }
}

extension Graph: CustomStringConvertible {
  public var description: String { GraphPrinter(self).text }
}
