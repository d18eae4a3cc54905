import PithGraph
import PithTensors

/// How large a value may be, whoever declares it: far beyond any real network, and small enough
/// that sums and products of extents and attributes cannot overflow.
enum SizeLimits {
  static let rank = 64
  static let elements = 1 << 31
  /// Bound of whole-number attributes (strides, pads, dilations), either side of zero.
  static let attribute = 1 << 31

  /// What is wrong with the extents, or nil. Empty extents count as one, so that strides fit too.
  static func fault(in extents: some Collection<Int>) -> String? {
    guard extents.count <= rank else { return "its rank \(extents.count) is beyond \(rank)" }
    var product = 1
    for extent in extents {
      guard extent >= 0 else { return "an extent is negative (\(extent))" }
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, next <= elements else {
        return "its shape \(text(extents)) has more than 2^31 elements"
      }
      product = next
    }
    return nil
  }

  static func fault(in type: TensorType) -> String? {
    guard type.rank <= rank else { return "its rank \(type.rank) is beyond \(rank)" }
    return fault(in: type.dimensions.compactMap(\.size))
  }

  private static func text(_ extents: some Collection<Int>) -> String {
    extents.prefix(8).map(String.init).joined(separator: "x") + (extents.count > 8 ? "x..." : "")
  }
}
