import CDNNL
import PithTensors

/// A configured oneDNN computation, from which a kernel plan is made.
final class PrimitiveDescriptor {
  let handle: dnnl_primitive_desc_t
  let name: String

  /// Calls `make`, which creates the description with the attributes given to it, after `attribute`
  /// has set what else there is to set.
  init(
    _ name: String, postOperations: PostOperations? = nil,
    attribute: ((dnnl_primitive_attr_t?) throws(KernelError) -> Void)? = nil,
    _ make: (UnsafeMutablePointer<dnnl_primitive_desc_t?>, dnnl_engine_t?, dnnl_primitive_attr_t?)
      throws(KernelError) -> dnnl_status_t
  ) throws(KernelError) {
    var attributes: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&attributes), name)
    defer { dnnl_primitive_attr_destroy(attributes) }
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), name)
    try postOperations?.apply(to: attributes)
    try attribute?(attributes)
    var handle: dnnl_primitive_desc_t?
    try check(try make(&handle, Engine.shared.handle, attributes), name)
    self.handle = handle!
    self.name = name
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The description of an operand that the primitive settled on.
  func memory(_ query: dnnl_query_t, _ index: Int32 = 0) -> MemoryDescriptor? {
    guard let found = dnnl_primitive_desc_query_md(handle, query, index) else { return nil }
    var copy: dnnl_memory_desc_t?
    guard dnnl_memory_desc_clone(&copy, found) == dnnl_success, let copy else { return nil }
    let descriptor = MemoryDescriptor(owning: copy)
    return descriptor.rank == 0 ? nil : descriptor
  }

  var implementation: String {
    var text: UnsafePointer<CChar>?
    guard
      dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &text) == dnnl_success,
      let text
    else { return name }
    return String(cString: text)
  }

  var scratchBytes: Int { memory(dnnl_query_scratchpad_md)?.bytes ?? 0 }
}

/// Where an operand of a primitive comes from.
struct Slot {
  enum Place {
    case input(Int)
    case output(Int)
  }
  var argument: Int32
  var place: Place
  var descriptor: MemoryDescriptor

  init(_ argument: Int32, _ place: Place, _ descriptor: MemoryDescriptor) {
    self.argument = argument
    self.place = place
    self.descriptor = descriptor
  }
}

extension PrimitiveDescriptor {
  /// The plan that runs this primitive on the request's operands.
  func plan(
    _ request: KernelRequest, _ slots: [Slot], sharing: [KernelPlan.Sharing] = []
  ) -> KernelPlan {
    var inputs = [Layout?](repeating: nil, count: request.inputs.count)
    var outputs = [Layout?](repeating: nil, count: request.outputs.count)
    for slot in slots {
      switch slot.place {
      case .input(let index):
        if let operand = request.inputs[index] {
          inputs[index] = slot.descriptor.layout(operand.dtype, operand.shape)
        }
      case .output(let index):
        if let operand = request.outputs[index] {
          outputs[index] = slot.descriptor.layout(operand.dtype, operand.shape)
        }
      }
    }
    return KernelPlan(
      inputs: inputs, outputs: outputs, scratchBytes: scratchBytes, sharing: sharing,
      implementation: implementation
    ) { (buffers) throws(KernelError) in
      let execution = try Execution(self, slots, buffers)
      return { execution.run() }
    }
  }
}

/// A primitive bound to memory, ready to run any number of times.
final class Execution {
  private var primitive: dnnl_primitive_t?
  private var memories: [dnnl_memory_t?] = []
  private var arguments: [dnnl_exec_arg_t] = []
  private let stream = Engine.shared.stream

  init(_ descriptor: PrimitiveDescriptor, _ slots: [Slot], _ buffers: Buffers) throws(KernelError) {
    try check(dnnl_primitive_create(&primitive, descriptor.handle), descriptor.name)
    for slot in slots {
      let address =
        switch slot.place {
        case .input(let index): buffers.inputs[index]
        case .output(let index): buffers.outputs[index]
        }
      try add(slot.argument, slot.descriptor, address)
    }
    if let scratch = descriptor.memory(dnnl_query_scratchpad_md), let address = buffers.scratch {
      try add(DNNL_ARG_SCRATCHPAD, scratch, address)
    }
  }

  private func add(
    _ argument: Int32, _ descriptor: MemoryDescriptor, _ address: UnsafeMutableRawPointer?
  ) throws(KernelError) {
    var memory: dnnl_memory_t?
    try check(
      dnnl_memory_create(&memory, descriptor.handle, Engine.shared.handle, address), "memory")
    memories.append(memory)
    arguments.append(dnnl_exec_arg_t(arg: argument, memory: memory))
  }

  deinit {
    for memory in memories { dnnl_memory_destroy(memory) }
    dnnl_primitive_destroy(primitive)
  }

  func run() {
    _ = dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments)
  }
}
