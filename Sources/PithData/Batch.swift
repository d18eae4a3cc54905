public import PithTensors

/// Samples ready for a network. The memory is the loader's and holds the batch only while the
/// closure it was given to runs.
public struct Batch {
  /// Number of this batch in its epoch, from 0.
  public let index: Int
  /// Samples in it; fewer than `shape[0]` only in the last batch.
  public let count: Int
  /// (N, C, H, W) or (N, H, W, C) of a full batch.
  public let shape: Shape
  /// Values of a full batch, in the order of `shape`; rows from `count` on are zero.
  public let paddedImages: UnsafeBufferPointer<Float>
  /// Class of each row of a full batch; -1 without labels and from `count` on.
  public let paddedLabels: UnsafeBufferPointer<Int32>
  /// Targets of a full batch, sample by sample, zero from `count` on; empty without targets.
  public let paddedTargets: UnsafeBufferPointer<Float>

  /// Values of the samples there are.
  public var images: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: paddedImages[..<(count * sampleCount)])
  }

  /// Classes of the samples there are; -1 without labels.
  public var labels: UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(rebasing: paddedLabels[..<count])
  }

  /// A copy of `images` that outlives the batch.
  public var imageTensor: Tensor {
    var dimensions = shape.dimensions
    dimensions[0] = count
    return Tensor(Array(images), Shape(dimensions))
  }

  /// A copy of `labels` that outlives the batch.
  public var labelTensor: Tensor { Tensor(Array(labels)) }

  private var sampleCount: Int { paddedImages.count / max(shape[0], 1) }
}
