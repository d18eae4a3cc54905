import PithGraph
import PithTensors

/// Outputs and switches that were for training and are gone, and scales that became finer.
let normalizationUpgrades: [Upgrade] = [
  Upgrade("BatchNormalization", since: 9) { (rewrite) throws(UpgradeRefusal) in
    guard try rewrite.takeInt("spatial") ?? 1 != 0 else {
      throw UpgradeRefusal("statistics for every place (spatial = 0) have no current form")
    }
  },
  Upgrade("BatchNormalization", since: 14) { (rewrite) throws(UpgradeRefusal) in
    try rewrite.dropOutputs(from: 1, because: "its training outputs are used")
  },

  // One scale and shift for each group became one for each channel.
  Upgrade("GroupNormalization", since: 21) { (rewrite) throws(UpgradeRefusal) in
    guard case .int(let groups)? = rewrite.node.attributes["num_groups"],
      let channels = rewrite.inputFact(0)?.dimensions.dropFirst().first?.size,
      groups > 0, channels % groups == 0, channels <= 1 << 24
    else { throw UpgradeRefusal("its number of channels or groups is not known") }
    for (slot, name) in [(1, "scale"), (2, "shift")] {
      guard let old = rewrite.inputFact(slot)?.constant, old.shape == [groups],
        let new = old.repeatingElements(channels / groups)
      else { throw UpgradeRefusal("its \(name) is computed while the network runs") }
      rewrite.setInput(slot, new, named: name)
    }
  },
]

extension Tensor {
  /// A vector with each element several times; nil for types without whole bytes.
  fileprivate func repeatingElements(_ times: Int) -> Tensor? {
    let width = dtype.bits / 8
    guard width > 0 else { return nil }
    let bytes = readBytes { source in
      (0..<count).flatMap { element in
        repeatElement(source[element * width..<(element + 1) * width], count: times)
          .flatMap { Array($0) }
      }
    }
    return bytes.withUnsafeBytes { Tensor(dtype, [count * times], bytes: $0) }
  }
}
