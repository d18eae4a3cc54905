import CSPNG

/// PNG by libspng.
enum PNGDecoder {
  static func decode(_ bytes: [UInt8], file: String) throws(DataError) -> InterleavedImage {
    guard let decoder = spng_ctx_new(0) else {
      throw .image(file: file, reason: "the PNG decoder does not start")
    }
    defer { spng_ctx_free(decoder) }
    func check(_ status: Int32) throws(DataError) {
      if status != 0 {
        throw .image(file: file, reason: "damaged PNG: \(String(cString: spng_strerror(status)))")
      }
    }
    let side = UInt32(ImageDecoder.maximumSide)
    try check(spng_set_image_limits(decoder, side, side))
    try check(spng_set_chunk_limits(decoder, 16 << 20, 16 << 20))
    // The decoder keeps the address, so every call stays inside.
    var image: InterleavedImage?
    let failure: DataError? = bytes.withUnsafeBytes { memory in
      do throws(DataError) {
        try check(spng_set_png_buffer(decoder, memory.baseAddress, memory.count))
        var header = spng_ihdr()
        try check(spng_get_ihdr(decoder, &header))
        let (height, width) = (Int(header.height), Int(header.width))
        try ImageDecoder.check(height: height, width: width, file: file)
        var size = 0
        try check(spng_decoded_image_size(decoder, Int32(SPNG_FMT_RGB8.rawValue), &size))
        guard size == height * width * 3 else { throw .image(file: file, reason: "damaged PNG") }
        var pixels = [UInt8](repeating: 0, count: size)
        try check(
          spng_decode_image(decoder, &pixels, size, Int32(SPNG_FMT_RGB8.rawValue), 0))
        // What follows the pixels is read too, or a file cut off behind them would pass.
        try check(spng_decode_chunks(decoder))
        image = InterleavedImage(height: height, width: width, bytes: pixels)
      } catch {
        return error
      }
      return nil
    }
    if let failure { throw failure }
    guard let image else { throw .image(file: file, reason: "damaged PNG") }
    return image
  }
}
