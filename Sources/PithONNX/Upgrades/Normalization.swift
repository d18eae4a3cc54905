import PithGraph

/// Outputs and switches that were for training and are gone.
let normalizationUpgrades: [Upgrade] = [
  Upgrade("BatchNormalization", since: 9) { (rewrite) throws(UpgradeRefusal) in
    guard try rewrite.takeInt("spatial") ?? 1 != 0 else {
      throw UpgradeRefusal("statistics for every place (spatial = 0) have no current form")
    }
  },
  Upgrade("BatchNormalization", since: 14) { (rewrite) throws(UpgradeRefusal) in
    try rewrite.dropOutputs(from: 1, because: "its training outputs are used")
  },
]
