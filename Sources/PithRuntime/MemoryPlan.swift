/// Places buffers in one block of memory so that those needed at the same time do not overlap.
///
/// Greedy by size (Pisarchyk and Lee, "Efficient memory management for deep neural net inference",
/// 2020): the largest buffer first, each at the lowest address that is free during its whole life.
struct MemoryPlan {
  struct Buffer {
    var bytes: Int
    /// First and last step, inclusive, during which the contents matter.
    var first: Int
    var last: Int
  }

  private(set) var offsets: [Int]
  private(set) var totalBytes = 0

  static let alignment = 64

  init(_ buffers: [Buffer]) {
    offsets = [Int](repeating: 0, count: buffers.count)
    let order = buffers.indices.sorted {
      (buffers[$1].bytes, $0) < (buffers[$0].bytes, $1)
    }
    var placed: [Int] = []  // by ascending offset
    for index in order where buffers[index].bytes > 0 {
      let buffer = buffers[index]
      let bytes = Self.rounded(buffer.bytes)
      var offset = 0
      for other in placed {
        let neighbour = buffers[other]
        guard neighbour.first <= buffer.last, buffer.first <= neighbour.last else { continue }
        if offset + bytes <= offsets[other] { break }
        offset = max(offset, offsets[other] + Self.rounded(neighbour.bytes))
      }
      offsets[index] = offset
      totalBytes = max(totalBytes, offset + bytes)
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
      placed.insert(index, at: position)
    }
  }

  static func rounded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
