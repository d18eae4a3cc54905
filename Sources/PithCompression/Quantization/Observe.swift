import PithGraph
import PithTensors

/// Looks at a value each time that the network makes it, as it lies and while it is in the caches.
///
/// Input: x (float32). Output: a number that says nothing, which keeps the node in the graph.
struct Observe: Operator {
  static let name = "Observe"
  static let domain = "pith"
  let observation: Observation

  init(_ observation: Observation) { self.observation = observation }

  init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("values are observed by calibration alone")
  }

  static func == (left: Observe, right: Observe) -> Bool { left.observation === right.observation }

  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(observation)) }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let dtype = try inputs.required(0).dtype
    guard dtype == .float32 else { throw .type(input: 0, dtype) }
    return [Fact(.float32, [1])]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let operand = try request.input(0)
    let layout =
      observation.canRead(operand.layout)
      ? operand.layout : .plain(operand.dtype, operand.shape)
    return KernelPlan(
      inputs: [layout], outputs: request.plainOutputs, implementation: "c"
    ) { [observation] buffers in
      let x = buffers.input(0, as: Float.self)
      buffers.output(0, as: Float.self).pointee = 0
      return { observation.add(x, layout) }
    }
  }
}
