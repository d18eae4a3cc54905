import CDNNL
public import PithTensors

/// Output 0 is the inputs one behind the other along `axis`.
public func concatenationKernel(axis: Int, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  if let plan = try? blockedConcatenation(axis: axis, request) { return plan }
  let result = try request.output(0)
  let strides = result.shape.strides
  var regions: [Region] = []
  var begin = 0
  for (index, input) in request.inputs.enumerated() {
    guard let input else { throw .missingInput(index) }
    regions.append(
      Region(
        input: index, extents: input.shape.dimensions, from: .init(strides: input.shape.strides),
        to: .init(offset: begin * strides[axis], strides: strides)))
    begin += input.shape[axis]
  }
  return try regionsKernel(request, regions)
}

/// The outputs are the parts of input 0 along `axis`, in order; absent outputs take `sizes` too.
public func splitKernel(axis: Int, sizes: [Int], _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let strides = try request.input(0).shape.strides
  var regions: [Region] = []
  var begin = 0
  for (index, size) in sizes.enumerated() {
    if index < request.outputs.count, let output = request.outputs[index] {
      regions.append(
        Region(
          output: index, extents: output.shape.dimensions,
          from: .init(offset: begin * strides[axis], strides: strides),
          to: .init(strides: output.shape.strides)))
    }
    begin += size
  }
  return try regionsKernel(request, regions)
}

/// All inputs lie in blocked layouts of one kind: the library keeps it.
private func blockedConcatenation(axis: Int, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  var sources: [MemoryDescriptor] = []
  for input in request.inputs {
    guard let blocked = input?.layout.blocking as? MemoryDescriptor, !blocked.isPadded,
      sources.isEmpty || blocked.name == sources[0].name
    else { throw .unsupported("mixed layouts") }
    sources.append(blocked)
  }
  let descriptor = try PrimitiveDescriptor("concat") {
    (handle, engine, attributes) throws(KernelError) in
    let handles = sources.map { Optional($0.handle) }
    return dnnl_concat_primitive_desc_create(
      handle, engine, nil, Int32(handles.count), Int32(axis), handles, attributes)
  }
  guard let target = descriptor.memory(dnnl_query_dst_md) else {
    throw .library(primitive: "concat", status: "no memory description")
  }
  return descriptor.plan(
    request,
    sources.enumerated().map { index, source in
      Slot(DNNL_ARG_MULTIPLE_SRC + Int32(index), .input(index), source)
    } + [Slot(DNNL_ARG_DST, .output(0), target)])
}
