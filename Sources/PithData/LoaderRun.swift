import Foundation
import PithTensors

/// One buffer of the ring.
///
/// Unchecked because a worker writes it and the caller reads it: `LoaderRun` hands it from one to
/// the other under its lock.
final class LoaderSlot: @unchecked Sendable {
  let images: UnsafeMutableBufferPointer<Float>
  let labels: UnsafeMutableBufferPointer<Int32>
  let targets: UnsafeMutableBufferPointer<Float>
  /// Room for one sample as stored.
  let scratch: UnsafeMutableRawBufferPointer
  /// Samples in the batch it holds.
  var count = 0
  var error: DataError?

  /// - Parameters:
  ///   - values: numbers in the images of a batch.
  ///   - targets: numbers in the targets of a batch.
  init(batch: Int, values: Int, targets targetCount: Int, sampleBytes: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: values * 4, alignment: 64)
    images = memory.bindMemory(to: Float.self)
    images.initialize(repeating: 0)
    labels = .allocate(capacity: batch)
    labels.initialize(repeating: -1)
    targets = .allocate(capacity: targetCount)
    targets.initialize(repeating: 0)
    scratch = .allocate(byteCount: sampleBytes, alignment: 64)
  }

  deinit {
    images.deallocate()
    labels.deallocate()
    targets.deallocate()
    scratch.deallocate()
  }
}

/// Fills a slot with the batch of a given number.
struct BatchFiller: Sendable {
  let split: Split
  /// Indices in the split in the order of the epoch; nil for their own.
  let order: [Int]?
  let batchSize: Int
  let augmentation: Augmentation
  let transform: SampleTransform
  let seed: UInt64
  let epoch: Int

  func fill(_ slot: LoaderSlot, with batch: Int) {
    let start = batch * batchSize
    slot.count = min(batchSize, split.count - start)
    slot.error = nil
    let sampleCount = split.sampleShape.count
    do throws(DataError) {
      for row in 0..<slot.count {
        let index = order.map { $0[start + row] } ?? start + row
        slot.labels[row] = split.labels.map { $0[index] } ?? -1
        let place = Int(split.places[index])
        let draw = augmentation.draw(seed: seed, epoch: epoch, place: place)
        guard let output = slot.images.baseAddress else { return }
        try write(place, draw, slot, to: output + row * sampleCount)
        copyTarget(of: place, to: row, slot)
      }
    } catch {
      slot.error = error
    }
    for row in slot.count..<batchSize { slot.labels[row] = -1 }
    slot.images[(slot.count * sampleCount)...].update(repeating: 0)
    slot.targets[(slot.count * (slot.targets.count / batchSize))...].update(repeating: 0)
  }

  private func copyTarget(of place: Int, to row: Int, _ slot: LoaderSlot) {
    let size = slot.targets.count / batchSize
    split.targets?.read(as: Float.self) { values in
      for index in 0..<size { slot.targets[row * size + index] = values[place * size + index] }
    }
  }

  private func write(
    _ place: Int, _ draw: Augmentation.Draw, _ slot: LoaderSlot,
    to output: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try split.samples.withSample(place, scratch: slot.scratch) { memory in
      guard let base = memory.baseAddress else { return }
      switch split.elementType {
      case .float32: transform.write(base.assumingMemoryBound(to: Float.self), draw, to: output)
      default: transform.write(base.assumingMemoryBound(to: UInt8.self), draw, to: output)
      }
    }
  }
}

/// The threads of one epoch and what they share with the caller.
///
/// Unchecked because its state changes from several threads: always under `condition`.
final class LoaderRun: @unchecked Sendable {
  let batches: Range<Int>
  private let slots: [LoaderSlot]
  private let filler: BatchFiller
  private let condition = NSCondition()
  /// The next batch a worker will make.
  private var next: Int
  /// Batches before this one are used up; their slots are free.
  private var released: Int
  /// The batch each slot holds; -1 for none.
  private var ready: [Int]
  private var isStopped = false
  private var active = 0

  init(slots: [LoaderSlot], batches: Range<Int>, filler: BatchFiller) {
    self.slots = slots
    self.batches = batches
    self.filler = filler
    next = batches.lowerBound
    released = batches.lowerBound
    ready = Array(repeating: -1, count: slots.count)
  }

  func start(workers: Int) {
    active = workers
    for number in 0..<workers {
      let thread = Thread { [self] in work() }
      thread.name = "pith-loader-\(number)"
      thread.start()
    }
  }

  /// The slot that holds the batch, once it is filled. Throws what went wrong with its data.
  func wait(for batch: Int) throws(DataError) -> LoaderSlot {
    let index = batch % slots.count
    condition.lock()
    while ready[index] != batch { condition.wait() }
    condition.unlock()
    if let error = slots[index].error { throw error }
    return slots[index]
  }

  /// Frees the slot of the batch.
  func release(_ batch: Int) {
    condition.lock()
    released = batch + 1
    condition.broadcast()
    condition.unlock()
  }

  /// Ends the threads and waits until they have.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while active > 0 { condition.wait() }
    condition.unlock()
  }

  private func work() {
    while let batch = claim() {
      filler.fill(slots[batch % slots.count], with: batch)
      condition.lock()
      ready[batch % slots.count] = batch
      condition.broadcast()
      condition.unlock()
    }
  }

  /// The next batch to make, once there is a free slot; nil at the end.
  private func claim() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped && next < batches.upperBound && next >= released + slots.count {
      condition.wait()
    }
    guard !isStopped && next < batches.upperBound else {
      active -= 1
      condition.broadcast()
      return nil
    }
    next += 1
    return next - 1
  }
}
