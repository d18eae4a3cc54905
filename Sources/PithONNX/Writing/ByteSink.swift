/// Somewhere to put bytes: a file, or memory.
protocol ByteSink: ~Copyable {
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ONNXError)
}

extension ByteSink where Self: ~Copyable {
  mutating func write(_ bytes: [UInt8]) throws(ONNXError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(ONNXError) in
      try write(UnsafeRawBufferPointer(bytes))
    }
  }
}

struct ByteArray: ByteSink {
  var bytes: [UInt8] = []

  mutating func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
}

extension AtomicFile: ByteSink {}
