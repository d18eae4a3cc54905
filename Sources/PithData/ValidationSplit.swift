import PithTensors

extension Dataset {
  /// The same data with `count` training samples held out for validation, the same share of every
  /// class. Which ones depends on `seed` alone. A set that came with a validation split keeps it.
  ///
  /// Throws when fewer than one sample would be left to train on, or `count` is not positive.
  public func split(validation count: Int, seed: UInt64) throws(DataError) -> Dataset {
    if validation != nil { return self }
    guard count > 0, count < train.count else {
      throw .setting(
        "validation", reason: "\(count) of \(train.count) training samples cannot be held out")
    }
    var isHeld = [Bool](repeating: false, count: train.count)
    for (label, (members, share)) in zip(groups, shares(of: count)).enumerated() {
      var generator = Philox(seed: seed, stream: RandomStream.validation | UInt64(label))
      for index in generator.permutation(members.count).prefix(share) {
        isHeld[members[index]] = true
      }
    }
    var result = self
    result.train = train.subset(isHeld.indices.filter { !isHeld[$0] })
    let held = train.subset(isHeld.indices.filter { isHeld[$0] })
    result.validation = held
    result.warnings += held.warnings(classCount: classCount)
    return result
  }

  /// As above, with a share of the training samples in place of a number.
  public func split(validationShare: Double, seed: UInt64) throws(DataError) -> Dataset {
    guard validationShare > 0, validationShare < 1 else {
      throw .setting("validation", reason: "a share must lie between 0 and 1")
    }
    return try split(validation: Int(Double(train.count) * validationShare), seed: seed)
  }

  /// Indices of the training samples of each class; of all, where there are no labels.
  private var groups: [[Int]] {
    guard let labels = train.labels else { return [Array(0..<train.count)] }
    var groups = [[Int]](repeating: [], count: classCount)
    for (index, label) in labels.enumerated() where groups.indices.contains(Int(label)) {
      groups[Int(label)].append(index)
    }
    return groups
  }

  /// How many of each group are held out: in proportion, what is left over going to the largest
  /// remainders (Hamilton's method).
  private func shares(of count: Int) -> [Int] {
    let sizes = groups.map(\.count)
    let total = max(1, sizes.reduce(0, +))
    var shares = sizes.map { $0 * count / total }
    let remainders = sizes.map { $0 * count % total }
    let order = sizes.indices.sorted { (-remainders[$0], $0) < (-remainders[$1], $1) }
    for index in order.prefix(max(0, count - shares.reduce(0, +))) { shares[index] += 1 }
    return shares
  }
}

extension Split {
  fileprivate func warnings(classCount: Int) -> [String] {
    let counts = classCounts(classCount)
    let empty = counts.filter { $0 == 0 }.count
    if empty > 0 {
      return ["the validation split has no sample of \(empty) of \(counts.count) classes"]
    }
    if targets != nil { return [] }
    // The standard error of an accuracy near 90 % exceeds one point below 900 samples.
    if count < 900 {
      return ["\(count) validation samples tell accuracies apart by no less than a point or two"]
    }
    return []
  }
}
