import PithTensors

extension Split {
  /// The same samples in the size that `preprocessing` asks for.
  public func fitted(to preprocessing: Preprocessing) throws(DataError) -> Split {
    guard let size = preprocessing.size, size != Array(sampleShape.dimensions.suffix(2)) else {
      return self
    }
    throw .setting("preprocess size", reason: "these samples cannot be resized")
  }
}
