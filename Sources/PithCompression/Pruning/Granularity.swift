import PithTensors

/// What is pruned as one (Mao et al. 2017).
enum Granularity: Sendable, Hashable {
  /// Single weights.
  case fine
  /// A row of a kernel; of a matrix, a weight.
  case vector
  /// All places of a filter for one input channel; of a matrix, a weight.
  case kernel
  /// All that makes one output channel.
  case filter
  /// So many neighbouring filters by so many neighbouring input channels, at one place of the
  /// kernel.
  case block(filters: Int, inputs: Int)
  /// Of every `of` neighbouring input channels, at one place of the kernel, `kept` stay.
  case pattern(kept: Int, of: Int)

  /// The recipe's words; a block's extents are a setting of their own.
  static let words = [
    "fine", "vector", "kernel", "filter", "block", "1:2", "1:4", "2:4", "1:8", "2:8", "4:8",
  ]

  init(_ word: String, block: (filters: Int, inputs: Int)) {
    let numbers = word.split(separator: ":").compactMap { Int($0) }
    self =
      switch word {
      case "vector": .vector
      case "kernel": .kernel
      case "filter": .filter
      case "block": .block(filters: block.filters, inputs: block.inputs)
      default: numbers.count == 2 ? .pattern(kept: numbers[0], of: numbers[1]) : .fine
      }
  }
}

/// The weights of a layer put together in groups that are pruned as one.
struct WeightGroups: Sendable {
  /// The group of each weight.
  let groups: [Int32]
  /// The number of weights of each group.
  let sizes: [Int]

  /// Nil where every weight is a group of its own.
  init?(_ layout: FilterLayout, _ granularity: Granularity) {
    let places = layout.places
    let row = layout.kernel.last ?? 1
    let number: (Int, Int, Int) -> Int
    let count: Int
    switch granularity {
    case .fine, .pattern: return nil
    case .vector:
      if row == 1 { return nil }
      number = { filter, input, place in
        (filter * layout.inputs + input) * (places / row) + place / row
      }
      count = layout.count / row
    case .kernel:
      if places == 1 { return nil }
      number = { filter, input, _ in filter * layout.inputs + input }
      count = layout.filters * layout.inputs
    case .filter:
      number = { filter, _, _ in filter }
      count = layout.filters
    case .block(let filters, let inputs):
      if filters == 1, inputs == 1 { return nil }
      let columns = (layout.inputs + inputs - 1) / inputs
      number = { filter, input, place in
        (filter / filters * columns + input / inputs) * places + place
      }
      count = (layout.filters + filters - 1) / filters * columns * places
    }
    var groups = [Int32](repeating: 0, count: layout.count)
    var sizes = [Int](repeating: 0, count: count)
    for filter in 0..<layout.filters {
      for input in 0..<layout.inputs {
        for place in 0..<places {
          let group = number(filter, input, place)
          groups[layout.index(filter: filter, input: input, place: place)] = Int32(group)
          sizes[group] += 1
        }
      }
    }
    self.groups = groups
    self.sizes = sizes
  }

  /// The score of each group: the norm of its members' scores, by member, so that groups of
  /// different sizes compare. Groups of nothing but zeros (-1) stay that.
  func scores(_ scores: [Float], _ norm: GroupNorm) -> [Float] {
    var sums = [Double](repeating: 0, count: sizes.count)
    var isGone = [Bool](repeating: true, count: sizes.count)
    for (index, score) in scores.enumerated() where score >= 0 {
      let group = Int(groups[index])
      sums[group] += norm == .l1 ? Double(score) : Double(score) * Double(score)
      isGone[group] = false
    }
    return sums.indices.map { group in
      let mean = sums[group] / Double(max(sizes[group], 1))
      return isGone[group] ? -1 : Float(norm == .l1 ? mean : mean.squareRoot())
    }
  }

  /// What holds for each weight, from what holds for its group.
  func spread(_ mask: [Float]) -> [Float] { groups.map { mask[Int($0)] } }
}

/// How the scores of a group's members become its own.
enum GroupNorm: String, Sendable, CaseIterable {
  case l1, l2
}

extension FilterLayout {
  /// Whether N:M patterns of this length come out even along the input channels.
  func fits(patternOf length: Int) -> Bool {
    inputs >= length && inputs.isMultiple(of: length)
  }

  /// Keeps the `kept` largest of every `length` scores along the input channels; of equal ones the
  /// later.
  func patternMask(_ scores: [Float], keeping kept: Int, of length: Int) -> [Float] {
    var mask = [Float](repeating: 1, count: scores.count)
    for filter in 0..<filters {
      for place in 0..<places {
        for first in stride(from: 0, to: inputs, by: length) {
          let indices = (first..<min(first + length, inputs)).map {
            index(filter: filter, input: $0, place: place)
          }
          let order = indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
          for index in order.dropLast(kept) { mask[index] = 0 }
        }
      }
    }
    return mask
  }
}
