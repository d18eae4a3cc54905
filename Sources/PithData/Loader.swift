import Foundation
public import PithTensors

/// Makes batches of a split in the background while the caller computes.
///
/// Worker threads fill a ring of reused buffers, so that an epoch allocates nothing per batch. What
/// is in a batch depends only on the split, the settings, the seed, the epoch and the batch's
/// number: not on the number of threads, nor on where the epoch was started.
public final class Loader {
  public let split: Split
  public let batchSize: Int
  public let preprocessing: Preprocessing
  public let augmentation: Augmentation
  public let shuffles: Bool
  public let dropsLast: Bool
  public let seed: UInt64
  /// (N, C, H, W) or (N, H, W, C) of a full batch.
  public let shape: Shape
  private let workers: Int
  private let slots: [LoaderSlot]
  /// Whether an epoch is under way; its buffers cannot serve a second one.
  private var isRunning = false

  /// - Parameters:
  ///   - shuffle: whether each epoch takes the samples in a new order.
  ///   - dropLast: whether a last batch of fewer samples is left out.
  ///   - workers: threads that make batches.
  public init(
    _ split: Split, batch: Int, preprocessing: Preprocessing,
    augmentation: Augmentation = .none, shuffle: Bool = false, dropLast: Bool = false,
    seed: UInt64 = 0, workers: Int = 1
  ) throws(DataError) {
    guard batch > 0 else { throw .setting("batch", reason: "must be 1 or more") }
    guard workers > 0, workers <= 64 else { throw .setting("workers", reason: "must be 1 to 64") }
    guard !dropLast || batch <= split.count else {
      throw .setting("batch", reason: "\(batch) is more than the \(split.count) samples there are")
    }
    let split = try split.fitted(to: preprocessing)
    let sample = split.sampleShape
    let isImage = sample.rank == 3
    try preprocessing.check(channelCount: isImage ? sample[0] : 1)
    let longest = isImage ? max(sample[1], sample[2]) : 0
    guard (0...longest).contains(augmentation.padding), isImage || augmentation.isNone else {
      throw .setting("augmentation", reason: "\(augmentation) does not fit \(sample) samples")
    }
    shape =
      preprocessing.layout == .nhwc && isImage
      ? [batch, sample[1], sample[2], sample[0]] : Shape([batch] + sample.dimensions)
    guard let count = shape.checkedCount, count <= Int.max / 16 else {
      throw .setting("batch", reason: "\(batch) is too large")
    }
    self.split = split
    batchSize = batch
    self.preprocessing = preprocessing
    self.augmentation = augmentation
    shuffles = shuffle
    dropsLast = dropLast
    self.seed = seed
    self.workers = workers
    let sampleBytes = split.elementType.bytes(for: sample.count)
    let (targets, isTooLarge) = batch.multipliedReportingOverflow(by: split.targetShape?.count ?? 0)
    guard !isTooLarge, targets <= Int.max / 16 else {
      throw .setting("batch", reason: "\(batch) is too large")
    }
    slots = (0..<workers + 2).map { _ in
      LoaderSlot(batch: batch, values: count, targets: targets, sampleBytes: sampleBytes)
    }
  }

  /// Batches in an epoch.
  public var batchCount: Int {
    dropsLast ? split.count / batchSize : (split.count + batchSize - 1) / batchSize
  }

  /// Samples an epoch gives.
  public var sampleCount: Int { dropsLast ? batchCount * batchSize : split.count }

  /// Calls `body` with each batch of an epoch in order, from number `first` on. To stop early,
  /// throw: the threads end before the error leaves.
  public func epoch(_ epoch: Int, startingAt first: Int = 0, _ body: (Batch) throws -> Void) throws
  {
    guard !isRunning else {
      throw DataError.setting("loader", reason: "an epoch is under way; use a second loader")
    }
    isRunning = true
    defer { isRunning = false }
    let run = LoaderRun(
      slots: slots, batches: max(0, first)..<max(batchCount, max(0, first)),
      filler: BatchFiller(
        split: split, order: order(epoch), batchSize: batchSize, augmentation: augmentation,
        transform: SampleTransform(split.sampleShape, preprocessing), seed: seed, epoch: epoch))
    run.start(workers: workers)
    defer { run.stop() }
    for index in run.batches {
      let slot = try run.wait(for: index)
      try body(
        Batch(
          index: index, count: slot.count, shape: shape,
          paddedImages: UnsafeBufferPointer(slot.images),
          paddedLabels: UnsafeBufferPointer(slot.labels),
          paddedTargets: UnsafeBufferPointer(slot.targets)))
      run.release(index)
    }
  }

  private func order(_ epoch: Int) -> [Int]? {
    guard shuffles else { return nil }
    let stream = RandomStream.shuffling | UInt64(truncatingIfNeeded: epoch) & 0xffff_ffff
    var generator = Philox(seed: seed, stream: stream)
    return generator.permutation(split.count)
  }
}
