import CDNNL
public import PithTensors

/// Pooling and its gradient over the spatial axes of data (N, C, spatial...), in whatever layout
/// the data lies.
public struct Pooling: Sendable, Hashable {
  public enum Function: Sendable, Hashable {
    case maximum
    /// The mean of the elements inside the data.
    case average
    /// The mean over the whole window, padding counted as zeros.
    case averageWithPadding

    var library: dnnl_alg_kind_t {
      switch self {
      case .maximum: dnnl_pooling_max
      case .average: dnnl_pooling_avg_exclude_padding
      case .averageWithPadding: dnnl_pooling_avg_include_padding
      }
    }
  }

  public var function: Function
  public var window: Window
  /// A factor for each spatial place of the result (row-major), where the mean is to be taken over
  /// another number of elements than the function says.
  public var scale: [Float]?

  public init(_ function: Function, window: Window, scale: [Float]? = nil) {
    self.function = function
    self.window = window
    self.scale = scale
  }

  private var kernelList: [Int64] { window.kernel.map(Int64.init) }

  private func forwardDescriptor(
    source: MemoryDescriptor, destination: KernelRequest.Operand, training: Bool
  ) throws(KernelError) -> PrimitiveDescriptor {
    let destinationAny = try MemoryDescriptor(any: destination.dtype, destination.shape)
    return try PrimitiveDescriptor("pooling") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_pooling_forward_primitive_desc_create(
        handle, engine, training ? dnnl_forward_training : dnnl_forward_inference,
        function.library, source.handle, destinationAny.handle, window.stridesList, kernelList,
        window.gapList, window.beginList, window.endList, attributes)
    }
  }

  /// Input: data. Output: data, and with `training` what the gradient of a maximum needs to know.
  public func forward(_ request: KernelRequest, training: Bool = false) throws(KernelError)
    -> KernelPlan
  {
    let source = try sourceDescriptor(request.input(0))
    let descriptor = try forwardDescriptor(
      source: source, destination: request.output(0), training: training)
    guard let destination = descriptor.memory(dnnl_query_dst_md) else {
      throw .library(primitive: "pooling", status: "no memory description")
    }
    var slots = [
      Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_DST, .output(0), destination),
    ]
    guard training, let workspace = descriptor.memory(dnnl_query_workspace_md) else {
      let plan = descriptor.plan(request, slots)
      return try scale.map { (scale) throws(KernelError) in
        try scalingResult(of: plan, scale)
      } ?? plan
    }
    slots.append(Slot(DNNL_ARG_WORKSPACE, .output(1), workspace))
    var plan = descriptor.plan(request, slots)
    plan.outputs[1] = .blocked(
      PoolingWorkspace(descriptor, source: source, destination: destination, memory: workspace),
      bytes: workspace.bytes)
    return plan
  }

  /// Inputs: gradient of the output, what `forward` left behind. Output: gradient of the data.
  public func gradientOfMaximum(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard let workspace = try request.input(1).layout.blocking as? PoolingWorkspace else {
      throw .unsupported("the gradient of a maximum without the places of the maxima")
    }
    var plan = try gradientPlan(
      request, workspace.forward, source: workspace.source, destination: workspace.destination,
      workspace: workspace.memory)
    plan.inputs[1] = try request.input(1).layout
    return plan
  }

  /// Inputs: gradient of the output, data (of which only type and layout matter). Output: gradient
  /// of the data.
  public func gradientOfAverage(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let source = try sourceDescriptor(request.input(1))
    let forward = try forwardDescriptor(
      source: source, destination: request.input(0), training: true)
    guard let destination = forward.memory(dnnl_query_dst_md) else {
      throw .library(primitive: "pooling", status: "no memory description")
    }
    let plan = try gradientPlan(request, forward, source: source, destination: destination)
    return try scale.map { (scale) throws(KernelError) in
      try scalingGradient(of: plan, scale)
    } ?? plan
  }

  /// The data as it lies; row-major where the result is to be scaled.
  private func sourceDescriptor(_ operand: KernelRequest.Operand) throws(KernelError)
    -> MemoryDescriptor
  {
    guard scale != nil else { return try .of(operand) }
    return try MemoryDescriptor(operand.dtype, operand.shape)
  }

  private func gradientPlan(
    _ request: KernelRequest, _ forward: PrimitiveDescriptor, source: MemoryDescriptor,
    destination: MemoryDescriptor, workspace: MemoryDescriptor? = nil
  ) throws(KernelError) -> KernelPlan {
    let descriptor = try PrimitiveDescriptor("pooling backward") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_pooling_backward_primitive_desc_create(
        handle, engine, function.library, source.handle, destination.handle, window.stridesList,
        kernelList, window.gapList, window.beginList, window.endList, forward.handle, attributes)
    }
    var slots = [
      Slot(DNNL_ARG_DIFF_DST, .input(0), destination),
      Slot(DNNL_ARG_DIFF_SRC, .output(0), source),
    ]
    if let workspace { slots.append(Slot(DNNL_ARG_WORKSPACE, .input(1), workspace)) }
    return descriptor.plan(request, slots)
  }
}

/// How the places of the maxima lie in memory: only the gradient of the very same primitive can
/// tell, so the primitive travels with them.
///
/// Unchecked because all it holds is immutable once made.
private final class PoolingWorkspace: Blocking, @unchecked Sendable {
  let forward: PrimitiveDescriptor
  let source: MemoryDescriptor
  let destination: MemoryDescriptor
  let memory: MemoryDescriptor

  init(
    _ forward: PrimitiveDescriptor, source: MemoryDescriptor, destination: MemoryDescriptor,
    memory: MemoryDescriptor
  ) {
    self.forward = forward
    self.source = source
    self.destination = destination
    self.memory = memory
  }

  func isSame(as other: any Blocking) -> Bool { self === other }
  var isPadded: Bool { false }
  var name: String { "workspace" }
}
