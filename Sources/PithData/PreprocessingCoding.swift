extension Preprocessing: Codable {
  /// The words of recipes and reports.
  private enum Word: String, CodingKey, CaseIterable {
    case preset, divisor, mean, std, size, fit, crop, channels, layout
  }

  private struct AnyWord: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads a preset's name, or a mapping of words (`preset` gives the values that are left out).
  /// Unknown words are refused with the nearest known one.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      try self.init(preset: name)
      return
    }
    let known = Word.allCases.map(\.rawValue)
    for key in try decoder.container(keyedBy: AnyWord.self).allKeys.map(\.stringValue).sorted()
    where !known.contains(key) {
      let hint = nearest(key, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw DataError.setting(
        "preprocess",
        reason: "unknown word '\(key)' (there are \(known.joined(separator: ", ")))\(hint)")
    }
    let words = try decoder.container(keyedBy: Word.self)
    self =
      try words.decodeIfPresent(String.self, forKey: .preset).map { try Preprocessing(preset: $0) }
      ?? .unit
    if let value = try words.decodeIfPresent(Float.self, forKey: .divisor) { divisor = value }
    if let values = try words.decodeList(Float.self, forKey: .mean) { mean = values }
    if let values = try words.decodeList(Float.self, forKey: .std) { standardDeviation = values }
    if let values = try words.decodeList(Int.self, forKey: .size) {
      size = values.count == 1 ? [values[0], values[0]] : values
    }
    if let value = try words.decodeIfPresent(Fit.self, forKey: .fit) { fit = value }
    if let value = try words.decodeIfPresent(Double.self, forKey: .crop) { crop = value }
    if let value = try words.decodeIfPresent(Channels.self, forKey: .channels) { channels = value }
    if let value = try words.decodeIfPresent(Layout.self, forKey: .layout) { layout = value }
    try check()
  }

  /// Writes every value, so that a stored result does not depend on later defaults.
  public func encode(to encoder: any Encoder) throws {
    var words = encoder.container(keyedBy: Word.self)
    try words.encode(divisor, forKey: .divisor)
    try words.encode(mean, forKey: .mean)
    try words.encode(standardDeviation, forKey: .std)
    try words.encodeIfPresent(size, forKey: .size)
    try words.encode(fit, forKey: .fit)
    try words.encode(crop, forKey: .crop)
    try words.encode(channels, forKey: .channels)
    try words.encode(layout, forKey: .layout)
  }
}

extension KeyedDecodingContainer {
  /// A list, or one value in its place.
  fileprivate func decodeList<Value: Decodable>(_: Value.Type, forKey key: Key) throws -> [Value]? {
    if let value = try? decodeIfPresent(Value.self, forKey: key) { return [value] }
    return try decodeIfPresent([Value].self, forKey: key)
  }
}
