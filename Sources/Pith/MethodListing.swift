import PithCompression
public import PithReports

/// The methods and their settings, as `pith methods` lists them.
public struct MethodListing: Report {
  public struct Method: Codable, Sendable, Hashable {
    public var name: String
    public var summary: String
    public var paper: String
    public var settings: [Item]
  }

  /// One setting of a method.
  public struct Item: Codable, Sendable, Hashable {
    public var name: String
    /// What a value may be, in words.
    public var values: String
    /// Nil where the setting is unset unless a recipe says otherwise.
    public var `default`: PithReports.SettingValue?
    public var help: String
  }

  public var methods: [Method]

  /// All methods, or the one with a name.
  public init(named name: String? = nil) throws(PithError) {
    let found = methodCatalogue.filter { name == nil || $0.name == name }
    if let name, found.isEmpty {
      let names = methodCatalogue.map { $0.name }
      let hint = nearestWord(to: name, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .option(
        "method", reason: "no method '\(name)' (there are \(names.joined(separator: ", ")))\(hint)")
    }
    methods = found.map(Method.init)
  }
}

extension MethodListing.Method {
  init(_ type: any CompressionMethod.Type) {
    self.init(
      name: type.name, summary: type.summary, paper: type.paper,
      settings: type.settings.map { setting in
        MethodListing.Item(
          name: setting.name, values: setting.kind.description,
          default: setting.defaultValue.map(PithReports.SettingValue.init), help: setting.help)
      })
  }
}
