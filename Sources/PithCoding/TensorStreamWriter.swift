/// Codes tensors one after the other into one arithmetic stream, each in the way that takes the
/// fewest bytes.
struct TensorStreamWriter {
  private let encoder = ArithmeticEncoder()
  private let models: StreamModels
  private(set) var payloadBytes = 0
  private(set) var tensorCount = 0

  init() throws(CodingError) { models = try StreamModels() }

  /// Appends a payload; answers how it was coded and about how many bytes that took.
  @discardableResult mutating func append(
    _ payload: ArraySlice<UInt8>, _ type: TensorType
  ) throws(CodingError) -> (coding: TensorCoding, codedBytes: Int) {
    let before = encoder.byteCount
    payloadBytes += payload.count
    tensorCount += 1
    var format = type.format(byteCount: payload.count)
    var elements = ElementBytes(payload, format: format)
    if type.isVarints {
      let levels =
        payload.count <= ArchiveFormat.largestVarints ? Varints.decode(payload) : nil
      encoder.encode(levels != nil, &models.flags[9])
      if let levels {
        encoder.encode(levels.count, as: .elementCount, models)
        var numbers = ElementBytes(format: .int64, count: levels.count)
        numbers.fill { levels[$0] }
        elements = numbers
      } else {
        format = .byte
        elements = ElementBytes(payload, format: format)
      }
    }
    guard let elements else {
      throw .damaged(section: "tensor", offset: 0, reason: "its elements are cut")
    }
    let plan = try cheapest(TensorPlan.candidates(for: elements, shape: type.shape))
    TensorStreamWriter.encode(plan.coding, isFloat: format.isFloat, to: encoder, models)
    try plan.write(to: encoder, models)
    return (plan.coding, encoder.byteCount - before)
  }

  /// The stream's bytes.
  func finish() throws(CodingError) -> [UInt8] { try encoder.finish() }

  private func cheapest(_ plans: [TensorPlan]) throws(CodingError) -> TensorPlan {
    var best = plans[0]
    guard plans.count > 1 else { return best }
    var fewest = Int.max
    for plan in plans {
      let trial = ArithmeticEncoder()
      let trialModels = try StreamModels(copying: models)
      try plan.write(to: trial, trialModels)
      if trial.byteCount < fewest { (best, fewest) = (plan, trial.byteCount) }
    }
    return best
  }

  private static func encode(
    _ coding: TensorCoding, isFloat: Bool, to encoder: ArithmeticEncoder, _ models: StreamModels
  ) {
    var node = 1
    for place in [3, 2, 1, 0] {
      let bit = coding.rawValue >> UInt8(place) & 1 == 1
      encoder.encode(bit, &models.choices[(isFloat ? TensorCoding.treeSize : 0) + node])
      node = node * 2 + (bit ? 1 : 0)
    }
  }
}
