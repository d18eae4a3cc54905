import PithGraph
import PithTensors

#if canImport(Glibc)
  import Glibc
#endif

extension Graph {
  /// Lets the system take back the memory of large weights that lie in a mapped file: they are read
  /// from it again when they are next used. Other memory keeps what it holds.
  func leaveMappedMemory() {
    #if canImport(Glibc)
      let page = Int(getpagesize())
      for tensor in weights.values where tensor.byteCount >= 1 << 20 {
        let address = Int(bitPattern: tensor.stableAddress)
        let start = (address + page - 1) / page * page
        let end = (address + tensor.byteCount) / page * page
        // MADV_PAGEOUT: pages of files are dropped, and no others are lost.
        if start < end { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, 21) }
      }
    #endif
  }
}
