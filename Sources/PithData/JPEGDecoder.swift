import CTurboJPEG

/// JPEG by libjpeg-turbo. Anything the library warns of counts as damage, for it then makes pixels
/// up.
enum JPEGDecoder {
  static func decode(_ bytes: [UInt8], file: String) throws(DataError) -> InterleavedImage {
    guard let decoder = tjInitDecompress() else {
      throw .image(file: file, reason: "the JPEG decoder does not start")
    }
    defer { tjDestroy(decoder) }
    func fault() -> DataError {
      .image(file: file, reason: "damaged JPEG: \(String(cString: tjGetErrorStr2(decoder)))")
    }
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colours: Int32 = 0
    guard
      tjDecompressHeader3(
        decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours) == 0
    else { throw fault() }
    guard colours != TJCS_CMYK.rawValue, colours != TJCS_YCCK.rawValue else {
      throw .image(file: file, reason: "CMYK colours are not read; convert it to RGB")
    }
    try ImageDecoder.check(height: Int(height), width: Int(width), file: file)
    var pixels = [UInt8](repeating: 0, count: Int(width) * Int(height) * 3)
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING
    guard
      tjDecompress2(
        decoder, bytes, UInt(bytes.count), &pixels, width, 0, height, Int32(TJPF_RGB.rawValue),
        flags) == 0
    else { throw fault() }
    return InterleavedImage(height: Int(height), width: Int(width), bytes: pixels)
  }
}
