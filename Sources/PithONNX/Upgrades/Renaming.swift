import PithGraph

/// New names for what stayed the same, and forms that are not brought up to date.
let renamingUpgrades: [Upgrade] = [
  Upgrade("GridSample", since: 20) { (rewrite) throws(UpgradeRefusal) in
    let names = ["bilinear": "linear", "bicubic": "cubic"]
    if let mode = try rewrite.takeString("mode") {
      rewrite.node.attributes["mode"] = .string(names[mode] ?? mode)
    }
  },
  Upgrade("RoiAlign", since: 16) { (rewrite) throws(UpgradeRefusal) in
    rewrite.node.attributes["coordinate_transformation_mode"] = .string("output_half_pixel")
  },
  Upgrade("Scatter", since: 11) { (rewrite) throws(UpgradeRefusal) in
    rewrite.node.kind = "ScatterElements"
  },
  Upgrade("Scan", since: 9, refuse),
  Upgrade("DFT", since: 20, refuse),
]

private let refuse: @Sendable (inout NodeRewrite) throws(UpgradeRefusal) -> Void = {
  (rewrite) throws(UpgradeRefusal) in
  throw UpgradeRefusal("its old form is not brought up to date")
}
