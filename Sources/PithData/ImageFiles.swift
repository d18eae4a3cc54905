import Dispatch
import Foundation
import PithTensors

/// Image files that give samples of one size.
final class ImageFiles: Sendable {
  let urls: [URL]
  let channels: Int
  /// Nil where all files have the size of `shape`.
  let fitting: Fitting?
  /// (C, H, W) of a sample.
  let shape: Shape

  init(_ urls: [URL], channels: Int, fitting: Fitting?, shape: Shape) {
    self.urls = urls
    self.channels = channels
    self.fitting = fitting
    self.shape = shape
  }

  /// Decodes the file at `place` into `output`, which has the size of `shape`.
  func decode(_ place: Int, into output: UnsafeMutableBufferPointer<UInt8>) throws(DataError) {
    let image = try ImageDecoder.decode(urls[place], channels: channels)
    if let fitting {
      image.planes.withUnsafeBufferPointer { planes in
        guard let input = planes.baseAddress, let output = output.baseAddress else { return }
        fitting.apply(
          input, channels: channels, height: image.height, width: image.width, to: output)
      }
      return
    }
    guard image.height == shape[1], image.width == shape[2] else {
      throw .sizesDiffer(
        file: urls[place].path, size: "\(image.width)x\(image.height)",
        other: "others of its set", otherSize: "\(shape[2])x\(shape[1])")
    }
    _ = output.update(from: image.planes)
  }

  /// Decodes every file once, on all cores, into `memory` (nil: only to see whether it can be).
  /// Gives the fault of each file that has one.
  func decodeAll(into memory: UnsafeMutableBufferPointer<UInt8>?) -> [DataError?] {
    let faults = FaultList(count: urls.count)
    let size = shape.count
    nonisolated(unsafe) let memory = memory  // each iteration writes its own part
    let stripes = min(urls.count, 64)
    DispatchQueue.concurrentPerform(iterations: stripes) { stripe in
      let spare = memory == nil ? UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size) : nil
      spare?.initialize(repeating: 0)
      defer { spare?.deallocate() }
      for place in stride(from: stripe, to: urls.count, by: stripes) {
        let part = memory.map {
          UnsafeMutableBufferPointer(rebasing: $0[place * size..<(place + 1) * size])
        }
        guard let output = part ?? spare else { continue }
        do throws(DataError) { try decode(place, into: output) } catch {
          faults.set(error, at: place)
        }
      }
    }
    return faults.values
  }
}

/// Faults by file.
///
/// Unchecked because threads add to it: always under its lock.
private final class FaultList: @unchecked Sendable {
  private let lock = NSLock()
  private var faults: [DataError?]

  init(count: Int) { faults = Array(repeating: nil, count: count) }

  var values: [DataError?] { lock.withLock { faults } }

  func set(_ fault: DataError, at place: Int) { lock.withLock { faults[place] = fault } }
}
