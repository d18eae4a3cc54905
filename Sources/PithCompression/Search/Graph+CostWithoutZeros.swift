import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// Multiply-accumulates of a node, the shapes being known.
  func macs(of id: Node.ID) -> Int {
    guard let node = node(id) else { return 0 }
    let outputs = node.outputs.compactMap { $0.flatMap { fact(of: $0) } }
    guard outputs.first?.type.shape != nil else { return 0 }
    return node.operator.cost(node.inputs.map { $0.flatMap { fact(of: $0) } }, outputs).macs
  }

  /// Parameters and multiply-accumulates at batch 1, without those of weights that are zero.
  func costWithoutZeros() throws -> (parameters: Int, macs: Int) {
    let bound = try withKnownShapes()
    var cost = (parameters: 0, macs: 0)
    var shares: [Value: Double] = [:]
    for parameter in bound.parameters() where parameter.role != .statistic {
      guard let tensor = bound.weights[parameter.root], parameter.form == .plain else {
        cost.parameters += parameter.count(in: bound)
        continue
      }
      let kept = tensor.floats.count { $0 != 0 }
      cost.parameters += kept
      shares[parameter.operand] = Double(kept) / Double(max(tensor.count, 1))
    }
    for node in bound.nodes {
      let macs = Double(bound.macs(of: node.id))
      let share = node.inputs.enumerated().reduce(1.0) { share, input in
        guard node.operator.role(ofInput: input.offset) == .weight, let value = input.element else {
          return share
        }
        return share * (shares[value] ?? 1)
      }
      cost.macs += Int((macs * share).rounded())
    }
    return cost
  }
}
