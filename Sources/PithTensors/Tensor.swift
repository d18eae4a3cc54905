/// An n-dimensional array in row-major order: a value, copied on write.
///
/// The element type is dynamic; `read(as:)` and `update(as:)` are the doors to typed memory.
public struct Tensor: Sendable {
  public let dtype: DType
  public private(set) var shape: Shape
  var storage: Storage
  /// The elements of a tensor of strings; empty otherwise.
  public private(set) var strings: [[UInt8]] = []

  /// A tensor of zeros, or of whatever was in memory when `zeroed` is false.
  public init(_ dtype: DType, _ shape: Shape, zeroed: Bool = true) {
    self.dtype = dtype
    self.shape = shape
    storage = Storage(byteCount: dtype.bytes(for: shape.count))
    if zeroed { storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
  }

  /// A tensor with the given elements, row by row. The counts must agree.
  public init<Element: TensorElement>(_ elements: [Element], _ shape: Shape) {
    precondition(elements.count == shape.count, "element count does not fit the shape")
    self.init(Element.dtype, shape, zeroed: false)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        storage.pointer.copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  /// A vector.
  public init<Element: TensorElement>(_ elements: [Element]) {
    self.init(elements, Shape([elements.count]))
  }

  /// A scalar.
  public init<Element: TensorElement>(scalar: Element) { self.init([scalar], []) }

  /// A tensor whose bytes are copied from `bytes`, or nil when their number is wrong.
  public init?(_ dtype: DType, _ shape: Shape, bytes: UnsafeRawBufferPointer) {
    guard let count = shape.checkedCount, dtype.bytes(for: count) == bytes.count else { return nil }
    self.init(dtype, shape, zeroed: false)
    if let base = bytes.baseAddress {
      storage.pointer.copyMemory(from: base, byteCount: bytes.count)
    }
  }

  /// A tensor over memory that belongs to somebody else (a mapped file), never written;
  /// `release` is called when the last copy goes. Nil when the number of bytes is wrong.
  public init?(
    _ dtype: DType, _ shape: Shape, borrowing bytes: UnsafeRawBufferPointer,
    release: @escaping @Sendable () -> Void
  ) {
    guard let count = shape.checkedCount, dtype.bytes(for: count) == bytes.count,
      let base = bytes.baseAddress
    else { return nil }
    self.dtype = dtype
    self.shape = shape
    storage = Storage(borrowing: base, byteCount: bytes.count, release: release)
  }

  /// A tensor of strings, each as its bytes.
  public init(strings: [[UInt8]], _ shape: Shape) {
    self.dtype = .string
    self.shape = shape
    self.strings = strings
    storage = Storage(byteCount: 0)
  }

  public var count: Int { shape.count }
  public var byteCount: Int { dtype.bytes(for: count) }

  /// The same elements under another shape of equal count; nothing is copied.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "a reshape keeps the number of elements")
    var result = self
    result.shape = shape
    return result
  }

  /// Calls `body` with the elements. The element type must be the tensor's own.
  public func read<Element: TensorElement, Result>(
    as _: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(Element.dtype == dtype, "tensor of \(dtype) read as \(Element.dtype)")
    return try body(
      UnsafeBufferPointer(
        start: UnsafePointer(storage.pointer.assumingMemoryBound(to: Element.self)), count: count))
  }

  /// Calls `body` with the elements to change; other copies of the tensor are left as they are.
  public mutating func update<Element: TensorElement, Result>(
    as _: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(Element.dtype == dtype, "tensor of \(dtype) updated as \(Element.dtype)")
    makeUnique()
    return try body(
      UnsafeMutableBufferPointer(
        start: storage.pointer.assumingMemoryBound(to: Element.self), count: count))
  }

  /// Calls `body` with the bytes.
  public func readBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try body(UnsafeRawBufferPointer(start: storage.pointer, count: byteCount))
  }

  /// Calls `body` with the bytes to change.
  public mutating func updateBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    return try body(UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount))
  }

  /// Where the elements lie: valid, and unchanged, as long as this copy of the tensor is kept.
  public var stableAddress: UnsafeRawPointer { UnsafeRawPointer(storage.pointer) }

  /// The elements as an array. The element type must be the tensor's own.
  public func array<Element: TensorElement>(of _: Element.Type) -> [Element] {
    read(as: Element.self) { Array($0) }
  }

  private mutating func makeUnique() {
    if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
  }
}

extension Tensor: Equatable {
  /// Same type, same shape, same bits.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    guard left.dtype == right.dtype, left.shape == right.shape else { return false }
    if left.dtype == .string { return left.strings == right.strings }
    if left.storage === right.storage { return true }
    return left.readBytes { a in right.readBytes { b in a.elementsEqual(b) } }
  }
}
