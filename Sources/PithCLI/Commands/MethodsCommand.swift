import ArgumentParser
import Pith
import PithReports

struct MethodsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "methods",
    abstract: "Lists the methods of recipes, or one with its settings, defaults and paper.")

  @Argument(help: "A method, such as pruning.")
  var name: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    let listing = try MethodListing(named: name)
    try console.show(listing) {
      name == nil
        ? overview(listing, isColored: console.isColored)
        : listing.methods.map { details($0, isColored: console.isColored) }.joined()
    }
  }

  private func overview(_ listing: MethodListing, isColored: Bool) -> String {
    var table = TextTable(columns: [.init("method"), .init("what it does", limit: 100)])
    for method in listing.methods { table.add([.init(method.name), .init(method.summary)]) }
    var list = TextTable(columns: [.init("preset"), .init("steps", limit: 100)])
    for preset in presets { list.add([.init(preset.name), .init(preset.summary)]) }
    return table.text(color: isColored) + "\n" + list.text(color: isColored)
  }

  private func details(_ method: MethodListing.Method, isColored: Bool) -> String {
    var table = TextTable(columns: [
      .init("setting"), .init("default"), .init("values", limit: 60), .init("meaning", limit: 100),
    ])
    for item in method.settings {
      table.add([
        .init(item.name, style: .bold), .init(item.default?.description ?? Format.missing),
        .init(item.values), .init(item.help),
      ])
    }
    return "\(method.name): \(method.summary)\n\(method.paper)\n\n" + table.text(color: isColored)
  }
}
