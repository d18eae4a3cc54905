import CDNNL
public import PithTensors

/// Output 0 is input 0 with its elements laid out as `target` (nil for row-major).
public func reorderKernel(_ request: KernelRequest, to target: Layout?) throws(KernelError)
  -> KernelPlan
{
  let operand = try request.input(0)
  if let planes = target?.blocking as? PaddedPlanes { return try planes.fill(request) }
  if let planes = operand.layout.blocking as? PaddedPlanes {
    return try planes.read(request, to: target)
  }
  let (source, destination) = try reorderEnds(operand, target)
  let reorder = try Reordering(from: source, to: destination)
  return KernelPlan(
    inputs: [operand.layout], outputs: [target ?? .plain(operand.dtype, operand.shape)],
    scratchBytes: reorder.scratchBytes, implementation: reorder.implementation,
    bind: reorder.bind)
}

/// The library's way from one arrangement to another.
struct Reordering {
  private let descriptor: PrimitiveDescriptor
  private let slots: [Slot]

  init(from source: MemoryDescriptor, to target: MemoryDescriptor) throws(KernelError) {
    descriptor = try PrimitiveDescriptor("reorder") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_reorder_primitive_desc_create(
        handle, source.handle, engine, target.handle, engine, attributes)
    }
    slots = [
      Slot(DNNL_ARG_FROM, .input(0), source), Slot(DNNL_ARG_TO, .output(0), target),
    ]
  }

  var scratchBytes: Int { descriptor.scratchBytes }
  var implementation: String { descriptor.implementation }

  func bind(_ buffers: Buffers) throws(KernelError) -> () -> Void {
    let execution = try Execution(descriptor, slots, buffers)
    return { execution.run() }
  }
}

private func reorderEnds(_ operand: KernelRequest.Operand, _ target: Layout?)
  throws(KernelError) -> (MemoryDescriptor, MemoryDescriptor)
{
  for blocking in [operand.layout.blocking, target?.blocking] {
    if let blocking, !(blocking is MemoryDescriptor) {
      throw .unsupported("re-ordering \(blocking.name)")
    }
  }
  let from = operand.layout.blocking as? MemoryDescriptor
  let to = target?.blocking as? MemoryDescriptor
  switch (from, to) {
  case (let from?, let to?): return (from, to)
  case (let from?, nil): return (from, try from.plainCounterpart(operand.dtype))
  case (nil, let to?): return (try to.plainCounterpart(operand.dtype), to)
  case (nil, nil):
    let plain = try MemoryDescriptor(operand.dtype, operand.shape)
    return (plain, plain)
  }
}
