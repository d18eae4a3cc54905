/// How a value's elements lie in memory while a graph runs.
///
/// Row-major unless a kernel asked for a blocked arrangement (such as nChw16c), which only the
/// kernels library can interpret; everyone else copies it, compares it, or asks for a re-order.
public struct Layout: Sendable, Equatable {
  /// Bytes the value takes, padding included.
  public let bytes: Int
  /// Nil for row-major.
  public let blocking: (any Blocking)?

  public static func plain(_ dtype: DType, _ shape: Shape) -> Layout {
    Layout(bytes: dtype.bytes(for: shape.count), blocking: nil)
  }

  public static func blocked(_ blocking: any Blocking, bytes: Int) -> Layout {
    Layout(bytes: bytes, blocking: blocking)
  }

  public var isPlain: Bool { blocking == nil }

  public static func == (left: Layout, right: Layout) -> Bool {
    switch (left.blocking, right.blocking) {
    case (nil, nil): left.bytes == right.bytes
    case (let a?, let b?): a.isSame(as: b)
    default: false
    }
  }
}

/// An opaque arrangement of elements that the kernels library understands.
public protocol Blocking: AnyObject, Sendable {
  func isSame(as other: any Blocking) -> Bool
  /// Whether some bytes belong to no element; they must stay zero.
  var isPadded: Bool { get }
  /// A short name for reports, such as "aBcd16b".
  var name: String { get }
}
