import PithTensors
import Testing

@Suite struct TensorTests {
  @Test func copiesAreFreeUntilWritten() {
    let original = Tensor([1, 2, 3, 4] as [Float], [2, 2])
    var copy = original
    let address = { (tensor: Tensor) in tensor.readBytes { $0.baseAddress } }
    #expect(address(original) == address(copy))
    copy.update(as: Float.self) { $0[0] = 9 }
    #expect(address(original) != address(copy))
    #expect(original.floats == [1, 2, 3, 4])
    #expect(copy.floats == [9, 2, 3, 4])
  }

  @Test func soleOwnersWriteInPlace() {
    var tensor = Tensor(.int32, [4])
    let before = tensor.readBytes { $0.baseAddress }
    tensor.update(as: Int32.self) { $0[3] = 5 }
    #expect(tensor.readBytes { $0.baseAddress } == before)
    #expect(tensor.integers == [0, 0, 0, 5])
  }

  @Test func borrowedMemoryIsNeverWrittenAndGivenBack() async {
    await confirmation { released in
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
      memory.copyBytes(from: [1, 2, 3, 4])
      var tensor = Tensor(.uint8, [4], borrowing: UnsafeRawBufferPointer(memory)) { released() }
      tensor?.update(as: UInt8.self) { $0[0] = 9 }
      #expect(tensor?.integers == [9, 2, 3, 4])
      #expect(Array(memory) == [1, 2, 3, 4])
      tensor = nil
      memory.deallocate()
    }
  }

  @Test func reshapingSharesTheElements() {
    let tensor = Tensor(Array(0..<6).map(Int64.init), [2, 3])
    let other = tensor.reshaped(to: [3, 2])
    #expect(other.shape == [3, 2])
    #expect(other.readBytes { $0.baseAddress } == tensor.readBytes { $0.baseAddress })
  }

  @Test func bytesMustFit() {
    let bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeBytes { memory in
      #expect(Tensor(.uint8, [3], bytes: memory)?.integers == [1, 2, 3])
      #expect(Tensor(.uint8, [4], bytes: memory) == nil)
      #expect(Tensor(.float32, [1], bytes: memory) == nil)
      #expect(Tensor(.uint8, [-3], bytes: memory) == nil)
      #expect(Tensor(.uint8, [Int.max, 4], bytes: memory) == nil)
      #expect(Tensor(.int4, [6], bytes: memory)?.integers == [1, 0, 2, 0, 3, 0])
    }
  }

  @Test func equalityIsOfTypeShapeAndBits() {
    #expect(Tensor([1, 2] as [Float]) == Tensor([1, 2] as [Float]))
    #expect(Tensor([1, 2] as [Float]) != Tensor([1, 2] as [Float], [1, 2]))
    #expect(Tensor([0] as [Float]) != Tensor([-0.0] as [Float]))
    #expect(Tensor([Float.nan]) == Tensor([Float.nan]))
    #expect(Tensor([0] as [Int32]) != Tensor([0] as [UInt32]))
    #expect(Tensor(strings: [[65]], [1]) == Tensor(strings: [[65]], [1]))
    #expect(Tensor(strings: [[65]], [1]) != Tensor(strings: [[66]], [1]))
  }

  @Test func emptyAndScalar() {
    #expect(Tensor(.float32, [0, 3]).floats.isEmpty)
    #expect(Tensor(scalar: Float(2)).shape.rank == 0)
    #expect(Tensor(scalar: Float(2)).floats == [2])
  }
}
