import PithGraph
import PithTensors

/// Attributes that became inputs.
let attributeToInputUpgrades: [Upgrade] = [
  Upgrade("Squeeze", "Unsqueeze", "ReduceSum", since: 13, moveAxes),
  Upgrade(
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceProd", "ReduceSumSquare", since: 18, moveAxes),

  Upgrade("Clip", since: 11) { (rewrite) throws(UpgradeRefusal) in
    for (slot, name) in [(1, "min"), (2, "max")] {
      guard let bound = try rewrite.takeFloat(name) else { continue }
      let type = try rewrite.dtype(ofInput: 0)
      rewrite.setInput(slot, Tensor(scalar: bound).converted(to: type), named: name)
    }
  },

  Upgrade("Dropout", since: 12) { (rewrite) throws(UpgradeRefusal) in
    // Its element type changed, and then its meaning.
    try rewrite.dropOutputs(from: 1, because: "its mask is used")
    guard let ratio = try rewrite.takeFloat("ratio") else { return }
    rewrite.setInput(1, Tensor(scalar: ratio), named: "ratio")
  },

  Upgrade("Pad", since: 11) { (rewrite) throws(UpgradeRefusal) in
    guard let pads = try rewrite.takeInts("pads") else {
      throw UpgradeRefusal("attribute 'pads' is missing")
    }
    rewrite.setInput(1, .int64(pads), named: "pads")
    if let value = try rewrite.takeFloat("value"), value != 0 {
      let type = try rewrite.dtype(ofInput: 0)
      rewrite.setInput(2, Tensor(scalar: value).converted(to: type), named: "value")
    }
  },

  Upgrade("Slice", since: 10) { (rewrite) throws(UpgradeRefusal) in
    guard let starts = try rewrite.takeInts("starts"), let ends = try rewrite.takeInts("ends")
    else { throw UpgradeRefusal("attribute 'starts' or 'ends' is missing") }
    rewrite.setInput(1, .int64(starts), named: "starts")
    rewrite.setInput(2, .int64(ends), named: "ends")
    if let axes = try rewrite.takeInts("axes") {
      rewrite.setInput(3, .int64(axes), named: "axes")
    }
  },

  Upgrade("Split", since: 13) { (rewrite) throws(UpgradeRefusal) in
    guard let sizes = try rewrite.takeInts("split") else { return }
    rewrite.setInput(1, .int64(sizes), named: "split")
  },
  Upgrade("Split", since: 18) { (rewrite) throws(UpgradeRefusal) in
    if rewrite.node.inputs.count < 2 || rewrite.node.inputs[1].isEmpty {
      rewrite.node.attributes["num_outputs"] = .int(rewrite.node.outputs.count)
    }
  },

  Upgrade("TopK", since: 10) { (rewrite) throws(UpgradeRefusal) in
    guard let count = try rewrite.takeInt("k") else {
      throw UpgradeRefusal("attribute 'k' is missing")
    }
    rewrite.setInput(1, .int64([count]), named: "k")
  },
]

private let moveAxes: @Sendable (inout NodeRewrite) throws(UpgradeRefusal) -> Void = {
  (rewrite) throws(UpgradeRefusal) in
  guard let axes = try rewrite.takeInts("axes") else { return }
  rewrite.setInput(1, .int64(axes), named: "axes")
}
