public import PithTensors

/// Samples that are used together: for training, validation or testing.
///
/// A split is a list of places in shared memory or in image files; making a smaller one of it
/// copies no pixels.
public struct Split: Sendable {
  /// (C, H, W) of every sample.
  public let sampleShape: Shape
  /// The class of each sample, or nil where the data have none.
  public let labels: [Int32]?
  /// What a network is to give for each sample, where that is numbers and not a class: (M, ...)
  /// float32, in the order of places.
  let targets: Tensor?
  let samples: Samples
  /// The place of each sample among `samples`.
  let places: [Int32]

  /// Samples in memory: `values` is (N, C, H, W), bytes or floats. Throws when the labels are of
  /// another number.
  public init(_ values: Tensor, labels: [Int32]?) throws(DataError) {
    let count = values.shape.dimensions.first ?? 0
    let shape = Shape(Array(values.shape.dimensions.dropFirst()))
    guard values.dtype == .uint8 || values.dtype == .float32 else {
      throw .setting("split", reason: "samples are bytes or floats, not \(values.dtype)")
    }
    guard count > 0, shape.count > 0 else { throw .setting("split", reason: "no samples") }
    guard count <= Int32.max else {
      throw .setting("split", reason: "\(count) samples are more than can be numbered")
    }
    if let labels, labels.count != count {
      throw .setting("split", reason: "\(count) samples but \(labels.count) labels")
    }
    self.init(.stored(values), shape: shape, places: Array(0..<Int32(count)), labels: labels)
  }

  /// Samples in memory with the numbers that a network is to give for them: `targets` is (N, ...),
  /// floats.
  public init(_ values: Tensor, targets: Tensor) throws(DataError) {
    let plain = try Split(values, labels: nil)
    guard targets.dtype == .float32, targets.shape.dimensions.first == plain.count else {
      throw .setting(
        "split",
        reason: "\(plain.count) samples but targets of \(targets.dtype) \(targets.shape)")
    }
    self.init(
      plain.samples, shape: plain.sampleShape, places: plain.places, labels: nil, targets: targets)
  }

  /// The samples at `places`, which all exist; as many labels.
  init(
    _ samples: Samples, shape: Shape, places: [Int32], labels: [Int32]?, targets: Tensor? = nil
  ) {
    self.samples = samples
    self.places = places
    self.labels = labels
    self.targets = targets
    sampleShape = shape
  }

  /// The shape of one sample's target; nil where the data have none.
  public var targetShape: Shape? {
    targets.map { Shape(Array($0.shape.dimensions.dropFirst())) }
  }

  public var count: Int { places.count }

  /// Type of the values as stored, before preprocessing: `uint8` or `float32`.
  public var elementType: DType { samples.elementType }

  /// How many samples each class has; empty without labels.
  public func classCounts(_ classCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels ?? [] where counts.indices.contains(Int(label)) { counts[Int(label)] += 1 }
    return labels == nil ? [] : counts
  }

  /// The samples at `indices`, in that order; indices outside the split are left out.
  public func subset(_ indices: [Int]) -> Split {
    let indices = indices.filter { (0..<count).contains($0) }
    return Split(
      samples, shape: sampleShape, places: indices.map { places[$0] },
      labels: labels.map { labels in indices.map { labels[$0] } }, targets: targets)
  }

  /// The first `limit` samples.
  public func prefix(_ limit: Int) -> Split { subset(Array(0..<max(0, min(limit, count)))) }

  /// The raw values of one sample, (C, H, W), before preprocessing.
  public func sample(at index: Int) throws(DataError) -> Tensor {
    guard (0..<count).contains(index) else {
      throw .setting("sample", reason: "\(index) is outside 0..<\(count)")
    }
    var result = Tensor(elementType, sampleShape, zeroed: false)
    let place = Int(places[index])
    try result.fill { (memory) throws(DataError) in
      try samples.withSample(place, scratch: memory) { values in
        if values.baseAddress != UnsafeRawPointer(memory.baseAddress) {
          memory.copyMemory(from: values)
        }
      }
    }
    return result
  }

  /// Values that are infinite or not numbers.
  var nonFiniteCount: Int {
    guard case .stored(let values) = samples, values.dtype == .float32 else { return 0 }
    return values.nonFiniteCount
  }
}

extension Tensor {
  /// Floats that are infinite or not numbers.
  var nonFiniteCount: Int { read(as: Float.self) { $0.count { !$0.isFinite } } }
}
