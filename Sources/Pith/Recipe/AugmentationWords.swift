import PithCompression
public import PithData
import Yams

extension Augmentation {
  /// The words that stand for usual augmentations.
  public static let words: [(word: String, augmentation: Augmentation)] = [
    ("none", .none), ("flip", Augmentation(horizontalFlip: true)),
    ("crop", Augmentation(padding: 4)), ("standard", .standard),
  ]

  /// What suits data of a format: flips and crops for photographs, nothing for the rest.
  public static func usual(for format: String) -> Augmentation {
    ["cifar10", "cifar100", "images"].contains(format) ? .standard : .none
  }

  /// Reads a word or a mapping, `{flip: true, crop: 2}`, where `crop` is the padding in pixels.
  public init(text: String) throws(DataError) {
    let document = RecipeText(text)
    guard let node = document.root else {
      throw Self.fault(document.faults.first?.reason ?? "it is empty")
    }
    try self.init(node: node)
  }

  init(node: Yams.Node) throws(DataError) {
    if let word = node.scalar?.string {
      guard let choice = Self.words.first(where: { $0.word == word }) else {
        let words = Self.words.map(\.word)
        throw Self.fault(
          "unknown word '\(word)'; "
            + (nearestWord(to: word, in: words).map { "did you mean '\($0)'?" }
              ?? "there are \(words.joined(separator: ", "))"))
      }
      self = choice.augmentation
      return
    }
    guard case .mapping(let mapping) = node else {
      throw Self.fault("it is neither a word nor a mapping such as {flip: true, crop: 2}")
    }
    self = .none
    for (key, value) in mapping {
      switch (key.string, value.settingValue) {
      case ("flip", .flag(let flip)): horizontalFlip = flip
      case ("crop", .wholeNumber(let pixels)) where (0...256).contains(pixels): padding = pixels
      case ("flip", _): throw Self.fault("flip is true or false")
      case ("crop", _): throw Self.fault("crop is the padding, a whole number from 0 to 256")
      default: throw Self.fault("unknown key '\(key.string ?? "?")'; there are flip and crop")
      }
    }
  }

  private static func fault(_ reason: String) -> DataError { .setting("augment", reason: reason) }

  /// How a recipe writes it.
  var recipeText: String {
    Self.words.first { $0.augmentation == self }?.word
      ?? "{flip: \(horizontalFlip), crop: \(padding)}"
  }
}
