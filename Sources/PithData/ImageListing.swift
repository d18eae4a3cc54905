import Foundation

/// The image files of one folder tree and what their labels are made from.
struct ImageListing {
  let folder: URL
  private(set) var urls: [URL] = []
  private(set) var classNames: [String] = []
  /// The class folder of each file, or the number in its name.
  private var keys: [Key] = []

  private enum Key {
    case folder(String)
    case number(Int)
  }

  /// More classes than any set has; a bound on what a number in a file name can ask for.
  private static let maximumClasses = 100_000

  init(_ folder: URL) throws(DataError) {
    self.folder = folder
    let entries = try Self.entries(folder)
    let folders = entries.filter(isFolder)
    for inner in folders {
      let images = try Self.entries(inner).filter(Self.isImage)
      if images.isEmpty { continue }
      urls += images
      classNames.append(inner.lastPathComponent)
      keys += images.map { _ in .folder(inner.lastPathComponent) }
    }
    if urls.isEmpty { try addFlat(entries.filter(Self.isImage)) }
    guard !urls.isEmpty else { throw .empty(file: folder.path) }
  }

  /// The label of each file under the class names of the training split.
  func labels(in classes: [String]) throws(DataError) -> [Int32] {
    let numbers = Dictionary(
      classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    var labels: [Int32] = []
    for (key, url) in zip(keys, urls) {
      switch key {
      case .number(let number):
        guard number < classes.count else {
          throw .labelOutOfRange(
            file: url.path, offset: 0, label: number, classCount: classes.count)
        }
        labels.append(Int32(number))
      case .folder(let name):
        guard let label = numbers[name] else {
          throw .image(file: url.path, reason: "class '\(name)' is not among the training images")
        }
        labels.append(label)
      }
    }
    return labels
  }

  /// Files whose names carry their labels.
  private mutating func addFlat(_ images: [URL]) throws(DataError) {
    let words = images.map {
      $0.deletingPathExtension().lastPathComponent.split(separator: "_", maxSplits: 1)
    }
    let isPair = words.allSatisfy { $0.count == 2 && Int($0[0]) != nil && Int($0[1]) != nil }
    for (word, url) in zip(words, images) {
      guard let text = isPair ? word.last : word.first, word.count == 2, let number = Int(text),
        (0..<Self.maximumClasses).contains(number)
      else {
        throw .image(
          file: url.path,
          reason: "no label: put it in a folder of its class, or name it LABEL_name or NUMBER_LABEL"
        )
      }
      keys.append(.number(number))
      urls.append(url)
    }
    let named = [folder, folder.deletingLastPathComponent()].lazy
      .compactMap { Self.names($0.appendingPathComponent("classes.txt")) }.first
    let largest = keys.map { if case .number(let number) = $0 { number } else { 0 } }.max() ?? 0
    classNames = named ?? (0...largest).map(String.init)
  }

  private static func names(_ url: URL) -> [String]? {
    guard exists(url), let file = try? RegularFile(url), file.size < 16 << 20,
      let bytes = try? file.bytes()
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count <= maximumClasses else { return nil }
    return lines.map { String($0.split(separator: "\t").last ?? $0) }
  }

  private static func isImage(_ url: URL) -> Bool {
    ImageDecoder.extensions.contains(url.pathExtension.lowercased())
  }

  /// What lies in a folder, by name, without hidden files.
  private static func entries(_ folder: URL) throws(DataError) -> [URL] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return names.filter { !$0.hasPrefix(".") }.sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
      .map { folder.appendingPathComponent($0) }
    } catch {
      throw .unreadable(file: folder.path, reason: "the folder cannot be listed")
    }
  }
}
