import Foundation
import PithCompression
import Testing

@Suite struct MethodCatalogueTests {
  @Test func namesAreInOrderAndNameFiles() throws {
    let names = methodCatalogue.map { $0.name }
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/PithCompression")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?
      .compactMap { ($0 as? URL)?.lastPathComponent }
    let types =
      methodCatalogue.map { "\($0)" } + pruningCriteria.map { "\($0)" }
      + channelCriteria.map { "\($0)" } + rangeEstimators.map { "\($0)" }
      + searchStrategies.map { "\($0)" }
    for type in types { #expect(files?.contains(type + ".swift") == true, "\(type)") }
  }

  @Test func strategiesAreInOrder() {
    let names = searchStrategies.map { $0.name }
    #expect(names == names.sorted() && Set(names).count == names.count)
  }

  @Test func defaultsMakeEveryMethod() throws {
    for method in methodCatalogue {
      _ = try method.init(SettingValues(method.settings))
      #expect(!method.summary.isEmpty && !method.paper.isEmpty)
      #expect(Set(method.settings.map(\.name)).count == method.settings.count)
    }
  }

  @Test func anUnknownSettingIsTold() {
    let error = #expect(throws: SettingError.self) {
      try SettingValues(Pruning.settings, given: ["sparsety": .number(0.5)])
    }
    #expect(error?.description.contains("did you mean 'sparsity'") == true)
    #expect(throws: SettingError.self) {
      try SettingValues(Pruning.settings, given: ["sparsity": .number(1)])
    }
  }
}
