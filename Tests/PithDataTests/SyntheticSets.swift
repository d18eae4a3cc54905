import Foundation

/// Small sets in the real formats.
enum SyntheticSets {
  /// An IDX file of bytes.
  static func idx(_ dimensions: [Int], _ values: [UInt8]) -> [UInt8] {
    let extents = dimensions.flatMap { extent in
      stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: extent >> $0) }
    }
    return [0, 0, 8, UInt8(dimensions.count)] + extents + values
  }

  static func pixel(_ sample: Int, _ position: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: sample * 37 + position * 11 + 5)
  }

  static func pixels(_ samples: Int, of size: Int) -> [UInt8] {
    (0..<samples).flatMap { sample in (0..<size).map { pixel(sample, $0) } }
  }

  /// MNIST with `count` training samples of 4 x 5 pixels and three test samples.
  static func writeMNIST(_ folder: TemporaryFolder, count: Int = 20) throws {
    for (part, samples) in [("train", count), ("t10k", 3)] {
      try folder.write(
        "\(part)-images-idx3-ubyte", idx([samples, 4, 5], pixels(samples, of: 20)))
      try folder.write(
        "\(part)-labels-idx1-ubyte", idx([samples], (0..<samples).map { UInt8($0 % 10) }))
    }
  }

  /// CIFAR records: `labels` before each of `samples` images.
  static func cifar(_ samples: Range<Int>, labels: (Int) -> [UInt8]) -> [UInt8] {
    samples.flatMap { sample in labels(sample) + (0..<3072).map { pixel(sample, $0) } }
  }

  static func writeCIFAR10(_ folder: TemporaryFolder, under path: String = "") throws {
    for file in 0..<5 {
      try folder.write(
        "\(path)data_batch_\(file + 1).bin",
        cifar(file * 4..<file * 4 + 4) { [UInt8($0 % 10)] })
    }
    try folder.write("\(path)test_batch.bin", cifar(0..<3) { [UInt8($0)] })
  }
}
