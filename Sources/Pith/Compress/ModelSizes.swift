import PithCoding
import PithGraph
import PithONNX
import PithReports

/// A network as the two files it can be kept in.
struct ModelSizes {
  let onnx: [UInt8]
  let archive: [UInt8]
  /// What each tensor takes in the archive.
  let entries: [ArchiveEntry]

  init(_ graph: Graph, coder: EntropyCoder) throws {
    onnx = try ONNXWriter.bytes(of: graph)
    graph.leaveMappedMemory()
    archive = try Archive.pack(onnx: onnx, coder: coder)
    entries = try Archive.verify(archive, gives: onnx).entries
  }

  /// Sizes and counts; accuracy and latency are added by whoever measures them.
  func measurements(of graph: Graph) -> Measurements {
    Measurements(of: graph, onnxBytes: onnx.count, pithBytes: archive.count)
  }
}

extension Measurements {
  /// Counts of a network, with the sizes of its files.
  init(of graph: Graph, onnxBytes: Int, pithBytes: Int) {
    let inspection = Inspection(graph, fileBytes: onnxBytes).report
    self.init(
      parameters: inspection.parameters, nonzeroParameters: inspection.nonzeroParameters,
      macs: inspection.macs, onnxBytes: onnxBytes, pithBytes: pithBytes)
  }
}
