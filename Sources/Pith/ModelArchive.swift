public import Foundation
public import PithCoding
import PithONNX
public import PithReports

/// Packs models into archives and back, bit-exactly both ways.
public enum ModelArchive {
  /// The first bytes of an archive.
  static let magic: [UInt8] = [0x89, 0x50, 0x54, 0x48]

  /// Packs a model and the files beside it, and proves that the archive gives them back.
  public static func pack(_ model: URL, to target: URL, coder: EntropyCoder = .arithmetic)
    throws(PithError) -> PackReport
  {
    let files: ModelFiles
    do throws(ONNXError) { files = try ModelFiles(reading: model) } catch {
      throw PithError(error, file: model)
    }
    let bytes: [UInt8]
    let report: ArchiveReport
    do throws(CodingError) {
      var members: [ArchiveMember] = []
      for file in files.companions {
        members.append(try ArchiveMember(location: file.location, bytes: file.bytes))
      }
      bytes = try Archive.pack(onnx: files.onnx, members: members, coder: coder)
      report = try Archive.verify(bytes, gives: files.onnx, members: members)
    } catch {
      throw .model(path: model.path, reason: error.description)
    }
    try WholeFile.write(bytes, to: target)
    return PackReport(
      report, model: model.path, archive: target.path, coder: "\(coder)",
      onnxBytes: files.byteCount)
  }

  /// Unpacks an archive; the files that lay beside the model lie beside it again.
  public static func unpack(_ archive: URL, to target: URL) throws(PithError) -> PackReport {
    let unpacked = try unpacked(archive)
    try write(unpacked, to: target)
    return PackReport(
      unpacked.report, model: target.path, archive: archive.path, coder: nil,
      onnxBytes: unpacked.members.reduce(unpacked.onnx.count) { $0 + $1.bytes.count })
  }

  static func unpacked(_ url: URL) throws(PithError) -> Archive {
    let bytes = try WholeFile.read(url)
    do throws(CodingError) { return try Archive.unpack(bytes) } catch {
      throw .model(path: url.path, reason: error.description)
    }
  }

  static func write(_ archive: Archive, to target: URL) throws(PithError) {
    let folder = target.deletingLastPathComponent()
    for member in archive.members {
      let place = folder.appendingPathComponent(member.location)
      try WholeFile.makeFolder(place.deletingLastPathComponent())
      try WholeFile.write(member.bytes, to: place)
    }
    try WholeFile.write(archive.onnx, to: target)
  }
}

/// What an archive takes, part by part.
public struct PackReport: Report {
  public var model: String
  public var archive: String
  /// Nil where an archive was unpacked.
  public var coder: String?
  /// Bytes of the model, files beside it included.
  public var onnxBytes: Int
  public var pithBytes: Int
  /// How many times smaller the archive is.
  public var ratio: Double
  /// Bytes of everything but the tensors: the structure, names and attributes, as coded.
  public var structureBytes: Int
  public var tensors: [ArchiveEntry]

  init(
    _ report: ArchiveReport, model: String, archive: String, coder: String?, onnxBytes: Int
  ) {
    self.model = model
    self.archive = archive
    self.coder = coder
    self.onnxBytes = onnxBytes
    pithBytes = report.archiveBytes
    ratio = Double(onnxBytes) / Double(max(1, report.archiveBytes))
    structureBytes = report.codedTextBytes
    tensors = report.entries
  }

  /// The tensors as a table.
  public var table: TextTable {
    var table = TextTable(columns: [
      .init("tensor"), .init("type"), .init("shape", alignment: .trailing),
      .init("bytes", alignment: .trailing), .init("packed", alignment: .trailing),
      .init("bits each", alignment: .trailing), .init("coding"),
    ])
    for entry in tensors {
      let count = entry.shape.reduce(1, *)
      table.add([
        .init(entry.name), .init(entry.type),
        .init(entry.shape.map(String.init).joined(separator: "x")),
        .init(Format.exact(entry.rawBytes)), .init(Format.exact(entry.codedBytes)),
        .init(Format.fixed(Double(entry.codedBytes) * 8 / Double(max(1, count)), decimals: 2)),
        .init(entry.coding),
      ])
    }
    table.add([
      "structure", "", "", "", .init(Format.exact(structureBytes)), "", "context mixing",
    ])
    table.add([
      .init("all", style: .bold), "", "", .init(Format.exact(onnxBytes), style: .bold),
      .init(Format.exact(pithBytes), style: .bold), "", .init("\(Format.ratio(ratio)) smaller"),
    ])
    return table
  }
}
