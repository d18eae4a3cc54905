import PithGraph
import PithKernels
import PithTensors

/// The attributes that convolution and pooling share, as ONNX writes them.
struct WindowAttributes: Sendable, Hashable {
  enum AutoPad: String, Sendable {
    case notSet = "NOTSET"
    case sameUpper = "SAME_UPPER"
    case sameLower = "SAME_LOWER"
    case valid = "VALID"
  }

  var autoPad: AutoPad
  var kernel: [Int]?
  var strides: [Int]?
  var dilations: [Int]?
  /// Begins of all axes, then ends.
  var pads: [Int]?
  var ceilMode: Bool

  init(
    kernel: [Int]? = nil, strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil,
    autoPad: AutoPad = .notSet, ceilMode: Bool = false
  ) {
    self.autoPad = autoPad
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.pads = pads
    self.ceilMode = ceilMode
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    let mode = try attributes.string("auto_pad", default: "NOTSET")
    guard let autoPad = AutoPad(rawValue: mode) else {
      throw .invalid("auto_pad", value: mode)
    }
    self.autoPad = autoPad
    kernel = try attributes.ints("kernel_shape")
    strides = try attributes.ints("strides")
    dilations = try attributes.ints("dilations")
    pads = try attributes.ints("pads")
    ceilMode = try attributes.bool("ceil_mode", default: false)
    for (name, list) in [
      ("kernel_shape", kernel), ("strides", strides), ("dilations", dilations),
    ] {
      if let list, let bad = list.first(where: { $0 < 1 || $0 > Int(Int32.max) }) {
        throw .invalid(name, value: String(bad))
      }
    }
    if let bad = pads?.first(where: { $0 < 0 || $0 > Int(Int32.max) }) {
      throw .unsupported("pads of \(bad)")
    }
  }

  var values: [String: AttributeValue] {
    var values: [String: AttributeValue] = [:]
    if autoPad != .notSet { values["auto_pad"] = .string(autoPad.rawValue) }
    if let kernel { values["kernel_shape"] = .ints(kernel) }
    if let strides { values["strides"] = .ints(strides) }
    if let dilations { values["dilations"] = .ints(dilations) }
    if let pads, autoPad == .notSet { values["pads"] = .ints(pads) }
    if ceilMode { values["ceil_mode"] = .int(1) }
    return values
  }

  /// The window for a kernel over an input of the given spatial extents; open extents give open
  /// outputs, and paddings that depend on them count as zero until they are bound.
  func resolve(input: [Dimension], kernel: [Int]) throws(ShapeError) -> (
    window: Window, output: [Dimension]
  ) {
    let rank = input.count
    let strides = self.strides ?? [Int](repeating: 1, count: rank)
    let dilations = self.dilations ?? [Int](repeating: 1, count: rank)
    let pads = self.pads ?? [Int](repeating: 0, count: 2 * rank)
    guard kernel.count == rank, strides.count == rank, dilations.count == rank,
      pads.count == 2 * rank
    else { throw .invalid("the window has other axes than the input's \(rank) spatial ones") }
    var begin = Array(pads[..<rank])
    var end = Array(pads[rank...])
    var output: [Dimension] = []
    for axis in 0..<rank {
      let (span, overflow) = (kernel[axis] - 1).multipliedReportingOverflow(by: dilations[axis])
      guard kernel[axis] > 0, !overflow, span < Int(Int32.max) else {
        throw .invalid("a window of extent \(kernel[axis])")
      }
      if autoPad == .valid { (begin[axis], end[axis]) = (0, 0) }
      guard let size = input[axis].size else {
        output.append(.unknown)
        continue
      }
      guard size >= 0, size <= Int(Int32.max) else { throw .invalid("an extent of \(size)") }
      if autoPad == .sameUpper || autoPad == .sameLower {
        let wanted = (size + strides[axis] - 1) / strides[axis]
        let total = max(0, (wanted - 1) * strides[axis] + span + 1 - size)
        begin[axis] = autoPad == .sameUpper ? total / 2 : total - total / 2
        end[axis] = total - begin[axis]
      }
      let room = size + begin[axis] + end[axis] - span - 1
      guard room >= 0 else {
        throw .mismatch(
          "the window of \(span + 1) is larger than the padded input of \(room + span + 1)")
      }
      var count = room / strides[axis] + 1
      if ceilMode, room % strides[axis] != 0,
        // A window that would start in the end padding is left out.
        count * strides[axis] < size + begin[axis]
      {
        count += 1
        end[axis] += strides[axis] - room % strides[axis]
      }
      output.append(.fixed(count))
    }
    return (
      Window(
        kernel: kernel, strides: strides, dilations: dilations, padsBegin: begin, padsEnd: end),
      output
    )
  }
}
