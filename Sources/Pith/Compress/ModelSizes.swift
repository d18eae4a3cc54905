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
    archive = try Archive.pack(onnx: onnx, coder: coder)
    entries = try Archive.verify(archive, gives: onnx).entries
  }

  /// Sizes and counts; accuracy and latency are added by whoever measures them.
  func measurements(of graph: Graph) -> Measurements {
    let inspection = Inspection(graph, fileBytes: onnx.count).report
    return Measurements(
      parameters: inspection.parameters, nonzeroParameters: inspection.nonzeroParameters,
      macs: inspection.macs, onnxBytes: onnx.count, pithBytes: archive.count)
  }
}
