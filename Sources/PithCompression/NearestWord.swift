/// The word that a user most likely meant: the one of smallest edit distance, if it is close enough
/// to be worth suggesting (a third of the longer word's letters, and at least one, may differ).
public func nearestWord(to word: String, in words: [String]) -> String? {
  let written = Array(word.lowercased().prefix(64))
  let candidates = words.map { ($0, editDistance(written, Array($0.lowercased()))) }
  guard let (best, distance) = candidates.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else {
    return nil
  }
  return distance <= max(1, max(written.count, best.count) / 3) ? best : nil
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into another
/// (optimal string alignment).
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var earlier: [Int] = []
  var previous = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var best = min(
        previous[column + 1] + 1, current[column] + 1, previous[column] + (letter == other ? 0 : 1))
      if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
        best = min(best, earlier[column - 1] + 1)
      }
      current.append(best)
    }
    (earlier, previous) = (previous, current)
  }
  return previous[right.count]
}
