import Dispatch
import Foundation
import PithGraph
import PithOperators
import PithReports
import PithRuntime
import PithTensors

/// What this machine can do at best, measured now: the floor under every layer's time.
enum MachinePeak {
  /// A product of square float matrices, and a copy of more than the caches hold; the best of some.
  static func measure() -> ProfileReport.Peak? {
    let size = 768
    var graph = Graph()
    let a = graph.addInput("a", TensorType(.float32, [size, size]))
    let b = graph.addInput("b", TensorType(.float32, [size, size]))
    guard let product = try? graph.add(MatMul(), a, b) else { return nil }
    graph.addOutput(product)
    guard let executable = try? Executable(graph) else { return nil }
    let multiplying = fastest(of: 12) { executable.execute() }
    let bytes = 64 << 20
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 2 * bytes, alignment: 4096)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 1, count: 2 * bytes)
    let copying = fastest(of: 6) { (memory + bytes).copyMemory(from: memory, byteCount: bytes) }
    return ProfileReport.Peak(
      macsPerSecond: Double(size * size * size) / multiplying,
      bytesPerSecond: Double(2 * bytes) / copying)
  }

  /// Seconds.
  private static func fastest(of runs: Int, _ body: () -> Void) -> Double {
    (0..<runs).reduce(.infinity) { best, _ in
      let start = DispatchTime.now().uptimeNanoseconds
      body()
      return min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
    }
  }
}
