import PithGraph
import PithTensors

/// Before version 13, softmax and its kin saw their input as a matrix: all axes before `axis` (1 by
/// default) were rows, all others columns. Now they work along the one axis.
let softmaxUpgrades: [Upgrade] = [
  Upgrade("Softmax", "LogSoftmax", "Hardmax", since: 13) { (rewrite) throws(UpgradeRefusal) in
    let given = try rewrite.takeInt("axis") ?? 1
    guard let fact = rewrite.inputFact(0) else {
      throw UpgradeRefusal("the rank of its input is not known")
    }
    guard (-fact.rank...fact.rank).contains(given) else {
      throw UpgradeRefusal("axis \(given) is out of range")
    }
    let axis = given < 0 ? given + fact.rank : given
    if axis < fact.rank, fact.dimensions.dropFirst(axis + 1).allSatisfy({ $0.size == 1 }) {
      rewrite.node.attributes["axis"] = .int(axis)
      return
    }
    let source = rewrite.node.inputs[0]
    let shape =
      fact.type.shape.map { rewrite.constant(.int64($0.dimensions), named: "shape") }
      ?? rewrite.insertBefore("Shape", [source])
    rewrite.node.inputs[0] = rewrite.insertBefore("Flatten", [source], ["axis": .int(axis)])
    rewrite.node.attributes["axis"] = .int(1)
    rewrite.insertAfter("Reshape", [shape])
  }
]
