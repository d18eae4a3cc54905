/// The names in use, for making new ones.
struct NameSet {
  private var names: Set<String>
  /// The number last appended to a name, so that many alike stay cheap.
  private var counts: [String: Int] = [:]

  init(_ names: Set<String> = []) { self.names = names }

  func contains(_ name: String) -> Bool { names.contains(name) }

  /// Takes a name, and says whether it was free.
  mutating func take(_ name: String) -> Bool { names.insert(name).inserted }

  /// The wanted name, or the next free one made of it.
  mutating func fresh(_ wanted: String) -> String {
    if names.insert(wanted).inserted { return wanted }
    var count = counts[wanted] ?? 1
    var name: String
    repeat {
      count += 1
      name = "\(wanted)_\(count)"
    } while !names.insert(name).inserted
    counts[wanted] = count
    return name
  }
}
