import CPithKernels
public import PithTensors

/// Output 0 takes each element from the place of input 0 that one table per axis names: element
/// (i, j, ...) is input element (maps[0][i], maps[1][j], ...), or `fill` where an entry is
/// negative. Row-major; entries must lie inside the input.
public func axisMapKernel(_ maps: [[Int]], fill: Tensor?, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (operand, result) = (try request.input(0), try request.output(0))
  let bytes = try operand.dtype.elementBytes()
  let (tables, run) = try packed(maps, operand.shape, result.shape)
  let isEmpty = result.shape.count == 0
  let value = fill ?? Tensor(operand.dtype, [1])
  guard value.dtype == operand.dtype, value.count >= 1 else {
    throw .unsupported("a fill value of type \(value.dtype.rawValue)")
  }
  let storage = MapStorage(tables.map { $0.map { Int64($0 < 0 ? -1 : $0 * bytes) } })
  var description = pith_axis_map()
  description.rank = Int32(tables.count)
  description.run = run * bytes
  description.element = bytes
  withUnsafeMutableBytes(of: &description.extents) { extents in
    for (axis, table) in tables.enumerated() {
      extents.bindMemory(to: Int.self)[axis] = table.count
    }
  }
  withUnsafeMutableBytes(of: &description.offsets) { offsets in
    for (axis, pointer) in storage.pointers.enumerated() {
      offsets.bindMemory(to: UnsafePointer<Int64>?.self)[axis] = pointer
    }
  }
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  inputs[0] = .plain(operand.dtype, operand.shape)
  return KernelPlan(
    inputs: inputs, outputs: request.plainOutputs, implementation: "copy by axis"
  ) { buffers in
    let (from, to) = (buffers.inputs[0]!, buffers.outputs[0]!)
    return {
      guard !isEmpty else { return }
      withExtendedLifetime(storage) {
        value.readBytes { fill in
          withUnsafePointer(to: description) { pith_map_axes(from, to, $0, fill.baseAddress) }
        }
      }
    }
  }
}

/// The tables in elements of the input, with trailing axes that are copied whole put into one run.
private func packed(_ maps: [[Int]], _ operand: Shape, _ result: Shape) throws(KernelError) -> (
  tables: [[Int]], run: Int
) {
  let strides = operand.strides
  var tables = maps.enumerated().map { axis, map in
    map.map { $0 < 0 ? -1 : $0 * strides[axis] }
  }
  var run = 1
  while let last = tables.last, tables.count > 1 {
    let axis = tables.count - 1
    guard last.count == operand[axis], maps[axis] == Array(0..<operand[axis]) else { break }
    run *= last.count
    tables.removeLast()
  }
  if tables.isEmpty { tables = [[0]] }
  guard tables.count <= Int(PITH_MAX_MAPPED_AXES) else {
    throw .unsupported("rank \(tables.count)")
  }
  return (tables, run)
}

/// Tables at addresses that do not change.
///
/// Unchecked because the tables are written once, before anyone can see them.
private final class MapStorage: @unchecked Sendable {
  let pointers: [UnsafePointer<Int64>?]
  private let blocks: [UnsafeMutableBufferPointer<Int64>]

  init(_ tables: [[Int64]]) {
    blocks = tables.map { table in
      let block = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(table.count, 1))
      _ = block.initialize(from: table)
      return block
    }
    pointers = blocks.map { UnsafePointer($0.baseAddress) }
  }

  deinit { for block in blocks { block.deallocate() } }
}
