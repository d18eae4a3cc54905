import PithGraph
import PithTensors

/// Upsample and Resize up to version 10 let each output pixel look at `x / scale`; since then that
/// is called `asymmetric`, and nearest rounds as ONNX Runtime always did: down when enlarging, up
/// when shrinking.
let resizeUpgrades: [Upgrade] = [
  Upgrade("Upsample", since: 9) { (rewrite) throws(UpgradeRefusal) in
    guard let scales = try rewrite.takeFloats("scales") else {
      throw UpgradeRefusal("attribute 'scales' is missing")
    }
    rewrite.setInput(1, Tensor(scales), named: "scales")
  },
  Upgrade("Upsample", since: 10) { (rewrite) throws(UpgradeRefusal) in
    rewrite.node.kind = "Resize"
  },

  Upgrade("Resize", since: 11) { (rewrite) throws(UpgradeRefusal) in
    let scales = rewrite.inputFact(1)?.constant?.floats ?? []
    guard rewrite.node.inputs.count == 2 else { throw UpgradeRefusal("its scales are missing") }
    rewrite.node.inputs.insert("", at: 1)
    rewrite.node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    let mode = try rewrite.takeString("mode") ?? "nearest"
    rewrite.node.attributes["mode"] = .string(mode)
    guard mode == "nearest" else { return }
    let shrinks = scales.contains { $0 < 1 }
    guard !(shrinks && scales.contains { $0 > 1 }) else {
      throw UpgradeRefusal("it enlarges one axis and shrinks another by nearest neighbours")
    }
    rewrite.node.attributes["nearest_mode"] = .string(shrinks ? "ceil" : "floor")
  },

  Upgrade("Resize", since: 13) { (rewrite) throws(UpgradeRefusal) in
    // Empty tensors stood for inputs left out.
    for slot in rewrite.node.inputs.indices.dropFirst()
    where rewrite.inputFact(slot)?.type.shape?.count == 0 {
      rewrite.node.inputs[slot] = ""
    }
    guard
      rewrite.node.attributes["coordinate_transformation_mode"] == .string("tf_half_pixel_for_nn")
    else { return }
    // floor((x + 0.5) / s) is (x + 0.5) / s - 0.5 with halves rounded up.
    guard rewrite.node.attributes["nearest_mode"] == .string("floor"),
      rewrite.node.attributes["mode"] ?? .string("nearest") == .string("nearest")
    else { throw UpgradeRefusal("coordinates 'tf_half_pixel_for_nn' have no current form") }
    rewrite.node.attributes["coordinate_transformation_mode"] = .string("half_pixel")
    rewrite.node.attributes["nearest_mode"] = .string("round_prefer_ceil")
  },
]
