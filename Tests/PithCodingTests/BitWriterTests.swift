import PithCoding
import Testing

@Suite struct BitWriterTests {
  @Test func bitsStandFromTheHighestPlace() {
    var writer = BitWriter()
    writer.write(0b101, count: 3)
    writer.write(0b11111, count: 5)
    writer.write(1, count: 1)
    #expect(writer.bytes == [0b1011_1111, 0b1000_0000])
    #expect(writer.bitCount == 9)
  }

  @Test func roundTripOfAllWidths() {
    var random = Randomness(seed: 7)
    let numbers = (0...64).map { count -> (UInt64, Int) in
      let value = random.next()
      return (count == 64 ? value : value & ((1 << UInt64(count)) - 1), count)
    }
    var writer = BitWriter()
    for (value, count) in numbers { writer.write(value, count: count) }
    var reader = BitReader(writer.bytes)
    for (value, count) in numbers { #expect(reader.read(count) == value) }
    #expect(reader.read(8) == nil)
    #expect(reader.read(-1) == nil)
    #expect(reader.read(65) == nil)
  }
}
