import Foundation
import PithData
import Testing

@Suite struct DataSpecificationTests {
  @Test func formatAndPath() throws {
    let specification = try DataSpecification("images:/a:b/c")
    #expect(specification.format == "images")
    #expect(specification.path == "/a:b/c")
    #expect("\(specification)" == "images:/a:b/c")
  }

  @Test func faultsAreExplained() {
    let hint = fault { _ = try DataSpecification("minst:x") }
    #expect(hint.map { "\($0)" }?.contains("did you mean 'mnist'?") == true)
    let known = fault { _ = try DataSpecification("parquet:x") }
    #expect(known.map { "\($0)" }?.contains("arrays, cifar10, cifar100, images, mnist") == true)
    #expect(known.map { "\($0)" }?.contains("did you mean") == false)
    for text in ["", "mnist", "mnist:", ":x", "mnist:a\0b"] {
      #expect(fault { _ = try DataSpecification(text) } != nil, "\(text)")
    }
  }

  @Test func theCatalogueIsInOrder() {
    let names = dataFormats.map { $0.name }
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
  }

  @Test func everyFormatHasItsFileAndLine() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/PithData").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(atPath: sources.path)
    let formats = try files.filter { file in
      let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
      return text.contains(": DataFormat {")
    }
    let types = dataFormats.map { "\(String(describing: $0)).swift" }
    #expect(formats.sorted() == types.sorted())
  }

  @Test func relativePathsStartAtTheFolder() throws {
    let folder = try TemporaryFolder()
    try SyntheticSets.writeMNIST(folder)
    let specification = try DataSpecification("mnist:\(folder.url.lastPathComponent)")
    let data = try specification.open(relativeTo: folder.url.deletingLastPathComponent())
    #expect(data.train.count == 20)
  }
}
