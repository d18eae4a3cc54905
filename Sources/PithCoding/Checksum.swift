import CPithKernels

/// XXH64 (Yann Collet's xxHash) of a byte string, seed 0.
public func xxHash64(_ bytes: some Collection<UInt8>) -> UInt64 {
  if let hash = bytes.withContiguousStorageIfAvailable({
    pith_xxh64($0.baseAddress, $0.count)
  }) {
    return hash
  }
  return Array(bytes).withUnsafeBufferPointer { pith_xxh64($0.baseAddress, $0.count) }
}
