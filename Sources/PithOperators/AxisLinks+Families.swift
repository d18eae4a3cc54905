import PithGraph
import PithTensors

/// Links that many operators share. All shapes are known.
extension AxisLinks {
  /// Each axis of the inputs goes with that of the outputs, as stretching lays them over each
  /// other.
  mutating func elementwise(_ inputs: [Fact?], _ outputs: [Fact?]) {
    for (slot, output) in outputs.enumerated() {
      guard let shape = output?.type.shape else { continue }
      for axis in 0..<shape.rank { free(.output(slot, axis)) }
      for (index, input) in inputs.enumerated() { stretch(index, input, to: slot, shape) }
    }
  }

  /// The axes of an input go with the last ones of an output; an extent of 1 goes with nothing.
  mutating func stretch(_ index: Int, _ input: Fact?, to slot: Int, _ output: Shape) {
    guard let shape = input?.type.shape else { return }
    for axis in 0..<shape.rank {
      let place = axis + output.rank - shape.rank
      if place >= 0, shape[axis] == output[place] {
        link(.input(index, axis), .output(slot, place), count: shape[axis])
      } else {
        free(.input(index, axis))
      }
    }
  }

  /// The axes of the first input are those of the outputs, but for some.
  mutating func along(
    _ inputs: [Fact?], _ outputs: [Fact?], except skipped: Set<Int> = [],
    because reason: String = ""
  ) {
    guard let shape = inputs.optional(0)?.type.shape else { return }
    for axis in 0..<shape.rank {
      guard !skipped.contains(axis) else {
        if !reason.isEmpty { freeze(.input(0, axis), because: reason) }
        continue
      }
      for (slot, output) in outputs.enumerated() {
        guard let other = output?.type.shape, other.rank == shape.rank, other[axis] == shape[axis]
        else { continue }
        link(.input(0, axis), .output(slot, axis), count: shape[axis])
      }
    }
  }

  /// Samples and channels of the first input, (N, C, ...), are those of the outputs; some inputs
  /// are vectors with an element for each channel.
  mutating func channels(_ inputs: [Fact?], _ outputs: [Fact?], vectors: Range<Int> = 0..<0) {
    guard let shape = inputs.optional(0)?.type.shape, shape.rank > 1 else { return }
    along(inputs, outputs, except: Set(2..<max(shape.rank, 2)))
    for index in vectors {
      guard let vector = inputs.optional(index)?.type.shape, vector.rank == 1,
        vector[0] == shape[1]
      else { continue }
      link(.input(index, 0), .input(0, 1), count: shape[1])
    }
  }

  /// Places of an axis that are equal in their number modulo `size` go together.
  mutating func repeated(_ axis: OperandAxis, every size: Int, count: Int) {
    guard size > 0 else { return free(axis) }
    link(
      axis, axis,
      stride(from: size, to: size * count, by: size).map {
        AxisLink.Run(0, $0, count: size)
      })
  }

  /// Neighbouring places of an axis go together, `size` of them.
  mutating func blocks(_ axis: OperandAxis, of size: Int, count: Int) {
    link(
      axis, axis,
      (1..<max(size, 1)).map {
        AxisLink.Run(0, $0, count: count, firstStep: size, secondStep: size)
      }
    )
  }

  /// The elements of the first input are those of the first output under another shape.
  mutating func reshape(_ inputs: [Fact?], _ outputs: [Fact?]) {
    guard let before = inputs.optional(0)?.type.shape, let after = outputs.optional(0)?.type.shape
    else { return }
    for axis in 0..<before.rank where before[axis] == 1 { free(.input(0, axis)) }
    for axis in 0..<after.rank where after[axis] == 1 { free(.output(0, axis)) }
    reshape(.input(0), before, to: .output(0), after)
  }
}

extension Narrowing {
  /// How many of the first `count` places of an axis stay.
  func keptCount(_ axis: OperandAxis, below count: Int) -> Int {
    kept(axis).map { $0.count { $0 < count } } ?? count
  }
}

extension OperandAxis {
  /// An axis of an input counted from the front, whatever its number.
  static func input(_ index: Int, _ axis: Int, rank: Int) -> OperandAxis {
    .input(index, axis < 0 ? axis + rank : axis)
  }
}

extension AxisLinks {
  /// Links of data with its quantized form, and with the scales and zero points along `axis`.
  mutating func scales(_ inputs: [Fact?], _ data: Shape, axis: Int, blockSize: Int) {
    for place in 0..<data.rank where blockSize == 0 || place != axis {
      link(.input(0, place), .output(0, place), count: data[place])
    }
    for slot in 1...2 {
      guard let shape = inputs.optional(slot)?.type.shape, shape.count > 1 else { continue }
      if blockSize == 0, shape.rank == 1, (0..<data.rank).contains(axis) {
        link(.input(slot, 0), .input(0, axis), count: data[axis])
      } else if shape.rank == data.rank {
        for place in 0..<data.rank where place != axis {
          link(.input(slot, place), .input(0, place), count: data[place])
        }
      }
    }
  }
}
