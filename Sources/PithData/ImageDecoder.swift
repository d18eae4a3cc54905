import Foundation
import PithTensors

/// An image in memory: planes of bytes, (C, H, W).
struct DecodedImage {
  let channels: Int
  let height: Int
  let width: Int
  let planes: [UInt8]
}

/// Decodes JPEG and PNG, told apart by their first bytes.
///
/// Sixteen-bit samples keep their upper eight bits; transparency is dropped, leaving the colour
/// below it; palettes are expanded; orientation tags are not followed.
enum ImageDecoder {
  /// The extensions of files taken for images.
  static let extensions = ["jpg", "jpeg", "png"]
  /// The most pixels an image may have; checked against its header before memory is taken.
  static let maximumPixels = 64 << 20
  static let maximumSide = 65_535
  private static let maximumBytes = 512 << 20

  /// Decodes to grey (1 channel) or RGB (3).
  static func decode(_ url: URL, channels: Int) throws(DataError) -> DecodedImage {
    let file = try RegularFile(url)
    guard file.size <= maximumBytes else {
      throw .tooLarge(file: file.path, bytes: file.size, limit: maximumBytes)
    }
    let bytes = try file.bytes()
    let rgb: InterleavedImage
    if bytes.starts(with: [0xff, 0xd8, 0xff]) {
      rgb = try JPEGDecoder.decode(bytes, file: file.path)
    } else if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
      rgb = try PNGDecoder.decode(bytes, file: file.path)
    } else {
      throw .image(file: file.path, reason: "it is neither a JPEG nor a PNG image")
    }
    return channels == 1 ? rgb.grey : rgb.planar
  }

  static func check(height: Int, width: Int, file: String) throws(DataError) {
    guard height > 0, width > 0, height <= maximumSide, width <= maximumSide,
      height * width <= maximumPixels
    else {
      throw .image(
        file: file, reason: "\(width) x \(height) pixels are outside what is read (64 Mpixel)")
    }
  }
}

/// Red, green and blue of each pixel side by side, (H, W, 3), as decoders give them.
struct InterleavedImage {
  let height: Int
  let width: Int
  let bytes: [UInt8]

  var planar: DecodedImage {
    let count = height * width
    var planes = [UInt8](repeating: 0, count: 3 * count)
    bytes.withUnsafeBufferPointer { input in
      planes.withUnsafeMutableBufferPointer { output in
        for pixel in 0..<count {
          output[pixel] = input[3 * pixel]
          output[count + pixel] = input[3 * pixel + 1]
          output[2 * count + pixel] = input[3 * pixel + 2]
        }
      }
    }
    return DecodedImage(channels: 3, height: height, width: width, planes: planes)
  }

  /// Luma by ITU-R 601-2 in 16-bit fixed point, as Pillow converts to "L".
  var grey: DecodedImage {
    let planes = (0..<height * width).map { pixel in
      let red = Int(bytes[3 * pixel])
      let green = Int(bytes[3 * pixel + 1])
      let blue = Int(bytes[3 * pixel + 2])
      return UInt8((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16)
    }
    return DecodedImage(channels: 1, height: height, width: width, planes: planes)
  }
}
