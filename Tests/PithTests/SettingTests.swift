import Pith
import PithCompression
import Testing

/// The table from which recipes, help texts and listings derive.
@Suite struct SettingTests {
  @Test func methodsAreAlphabeticalAndWellFormed() throws {
    let names = methodCatalogue.map { $0.name }
    #expect(names == names.sorted())
    for method in methodCatalogue {
      _ = try method.init(SettingValues(method.settings))
      let settings = method.settings.map(\.name)
      #expect(Set(settings).count == settings.count, "\(method.name) has a setting twice")
      #expect(!method.summary.isEmpty && !method.paper.isEmpty)
      for setting in method.settings {
        #expect(!setting.help.isEmpty && !setting.help.hasSuffix("."))
        if let value = setting.defaultValue { #expect(try setting.checked(value) == value) }
      }
    }
  }

  @Test func listingNamesEverySetting() throws {
    let listing = try MethodListing()
    #expect(listing.methods.map(\.name) == methodCatalogue.map { $0.name })
    let pruning = try MethodListing(named: "pruning")
    #expect(pruning.methods[0].settings.map(\.name) == Pruning.settings.map(\.name))
    #expect(throws: PithError.self) { try MethodListing(named: "prunning") }
  }

  @Test func valuesAreFittedToTheirKind() throws {
    let number = Setting("rate", .number(0...1), default: .number(0.5), help: "a rate")
    #expect(try number.checked(.wholeNumber(1)) == .number(1))
    #expect(throws: SettingError.self) { try number.checked(.number(1.5)) }
    #expect(throws: SettingError.self) { try number.checked(.word("half")) }
    let list = Setting("names", .list(.text), default: .list([]), help: "names")
    #expect(try list.checked(.word("a")) == .list([.word("a")]))
    let whole = Setting("bits", .wholeNumber(1...8), default: .wholeNumber(5), help: "bits")
    #expect(throws: SettingError.self) { try whole.checked(.number(5)) }
  }

  @Test(arguments: [
    ("sparsty", "sparsity"), ("sparsity", "sparsity"), ("prunning", "pruning"),
    ("Pruning", "pruning"), ("bist", "bits"),
  ]) func theNearestWordIsFound(_ written: String, _ meant: String) {
    #expect(
      nearestWord(to: written, in: ["sparsity", "pruning", "bits", "epochs"]) == meant)
  }

  @Test func farWordsAreNotSuggested() {
    #expect(nearestWord(to: "quantum", in: ["sparsity", "bits"]) == nil)
    #expect(nearestWord(to: "x", in: []) == nil)
    #expect(nearestWord(to: String(repeating: "a", count: 100_000), in: ["bits"]) == nil)
  }
}
