import PithCoding
import PithGraph
import PithONNX
import PithReports

/// A network as the two files it can be kept in.
struct ModelSizes {
  let onnx: [UInt8]
  let archive: [UInt8]
  let entries: [ArchiveEntry]

  init(_ graph: Graph, coder: EntropyCoder) throws {
    onnx = try ONNXWriter.bytes(of: graph)
    archive = try Archive.pack(onnx: onnx, coder: coder)
    let copy = try Archive.unpack(archive, limit: .max)
    guard copy.onnx == onnx else { throw PithError.fault("an archive differs when unpacked") }
    entries = copy.report.entries
  }

  /// Sizes and counts; accuracy and latency are added by whoever measures them.
  func measurements(of graph: Graph) -> Measurements {
    let inspection = Inspection(graph, fileBytes: onnx.count).report
    return Measurements(
      parameters: inspection.parameters, nonzeroParameters: inspection.nonzeroParameters,
      macs: inspection.macs, onnxBytes: onnx.count, pithBytes: archive.count)
  }
}
