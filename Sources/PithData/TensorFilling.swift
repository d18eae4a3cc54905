import PithTensors

extension Tensor {
  /// Lets `body` write all bytes.
  mutating func fill(
    _ body: (UnsafeMutableRawBufferPointer) throws(DataError) -> Void
  ) throws(DataError) {
    let failure: DataError? = updateBytes { memory in
      do throws(DataError) { try body(memory) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }
}
