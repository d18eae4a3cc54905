import CDNNL
import CPithKernels
import PithTensors

/// Float32 images (N, C, W) or (N, C, H, W) as one plane per channel with margins of zeros: a gap
/// after each row, and rows before the first channel and after each. A filter's tap then lies at
/// one distance from the output's position, also where it reaches over an edge.
final class PaddedPlanes: Blocking {
  let shape: Shape
  /// Floats between two rows, which are the right margin of one and the left of the next.
  let gap: Int
  /// Rows of margin between two channels.
  let rows: Int

  /// Floats that vectors may read behind the last margin.
  private static let slack = 32

  init(_ shape: Shape, gap: Int, rows: Int) {
    self.shape = shape
    self.gap = gap
    self.rows = rows
  }

  var geometry: pith_planes {
    var planes = pith_planes.plain(shape)
    planes.pitch = planes.width + gap
    planes.plane = (planes.height + rows) * planes.pitch
    planes.first = (rows * planes.pitch + gap + 15) / 16 * 16
    planes.image = (planes.first + planes.channels * planes.plane + gap + Self.slack) / 16 * 16
    return planes
  }

  var layout: Layout {
    .blocked(self, bytes: shape[0] * geometry.image * MemoryLayout<Float>.stride)
  }

  let isPadded = true
  let name = "padded planes"

  func isSame(as other: any Blocking) -> Bool {
    guard let other = other as? PaddedPlanes else { return false }
    return shape == other.shape && gap == other.gap && rows == other.rows
  }

  /// The elements as the library sees them, from the first on.
  private func elements() throws(KernelError) -> MemoryDescriptor {
    let planes = geometry
    let inner = shape.rank == 3 ? [1] : [planes.pitch, 1]
    return try MemoryDescriptor(.float32, shape, strides: [planes.image, planes.plane] + inner)
  }

  private var offset: Int { geometry.first * MemoryLayout<Float>.stride }

  /// Brings images to these planes from where they lie.
  func fill(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let source = try request.input(0).layout
    guard let blocks = source.blocking as? MemoryDescriptor else {
      return try Self.move(request, to: layout)
    }
    let reorder = try Reordering(from: blocks, to: elements())
    let (images, geometry, offset) = (shape[0], geometry, offset)
    return KernelPlan(
      inputs: [source], outputs: [layout], scratchBytes: reorder.scratchBytes,
      implementation: reorder.implementation
    ) { (buffers) throws(KernelError) in
      var elements = buffers
      elements.outputs[0] = buffers.outputs[0].map { $0 + offset }
      let (target, move) = (buffers.output(0, as: Float.self), try reorder.bind(elements))
      return {
        withUnsafePointer(to: geometry) { geometry in
          for image in 0..<images {
            pith_clear_margins(geometry, target + image * geometry.pointee.image)
          }
        }
        move()
      }
    }
  }

  /// Brings images from these planes to where they are wanted.
  func read(_ request: KernelRequest, to target: Layout?) throws(KernelError) -> KernelPlan {
    guard let blocks = target?.blocking as? MemoryDescriptor else {
      return try Self.move(request, to: target ?? .plain(.float32, shape))
    }
    let reorder = try Reordering(from: elements(), to: blocks)
    let offset = offset
    return KernelPlan(
      inputs: [layout], outputs: [target], scratchBytes: reorder.scratchBytes,
      implementation: reorder.implementation
    ) { (buffers) throws(KernelError) in
      var elements = buffers
      elements.inputs[0] = buffers.inputs[0].map { $0 + offset }
      return try reorder.bind(elements)
    }
  }

  /// Between planes with margins, and those without.
  private static func move(_ request: KernelRequest, to target: Layout) throws(KernelError)
    -> KernelPlan
  {
    let operand = try request.input(0)
    guard let from = pith_planes(operand.layout, operand.shape),
      let to = pith_planes(target, operand.shape)
    else { throw .unsupported("re-ordering to padded planes") }
    let images = operand.shape[0]
    return KernelPlan(
      inputs: [operand.layout], outputs: [target], implementation: "c:planes"
    ) { buffers in
      let source = UnsafePointer(buffers.input(0, as: Float.self))
      let target = buffers.output(0, as: Float.self)
      return {
        withUnsafePointer(to: from) { from in
          withUnsafePointer(to: to) { to in pith_move_planes(images, from, source, to, target) }
        }
      }
    }
  }
}

extension pith_planes {
  /// Row-major images (N, C, W) or (N, C, H, W).
  static func plain(_ shape: Shape) -> pith_planes {
    var planes = pith_planes()
    planes.channels = shape[1]
    planes.height = shape.rank == 3 ? 1 : shape[2]
    planes.width = shape[shape.rank - 1]
    planes.pitch = planes.width
    planes.plane = planes.height * planes.width
    planes.image = planes.channels * planes.plane
    return planes
  }

  /// How a value of a layout lies; nil where that is not one plane after the other.
  init?(_ layout: Layout, _ shape: Shape) {
    if let padded = layout.blocking as? PaddedPlanes {
      self = padded.geometry
    } else if layout.isPlain {
      self = .plain(shape)
    } else {
      return nil
    }
  }
}
