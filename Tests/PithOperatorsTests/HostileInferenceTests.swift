import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

/// What a damaged or malicious file can say about a node: every operator answers with types or an
/// error, never by ending the process.
@Suite("Hostile attributes and inputs")
struct HostileInferenceTests {
  private static let numbers: [Int] = [
    0, 1, -1, 2, -2, 3, 5, 7, 64, 65, -65, 1 << 20, 1 << 31, -(1 << 31), 1 << 40, 1 << 62, .max,
    .min, .max - 1, .min + 1,
  ]

  @Test("leave every operator standing", arguments: OperatorExample.all)
  func mutations(_ argument: OperatorExample) throws {
    var random = Philox(seed: 7, stream: UInt64(argument.index))
    for _ in 0..<150 { tryMutation(argument, &random) }
  }

  private func tryMutation(_ argument: OperatorExample, _ random: inout Philox) {
    let attributes = mutated(argument.example.attributes, &random)
    guard let instance = try? argument.kind.init(attributes) else { return }
    var facts = argument.example.inputs.map { mutated($0, &random) }
    if random.next() % 8 == 0, !facts.isEmpty { facts.removeLast() }
    guard facts.allSatisfy({ $0?.type.isPlausible ?? true }),
      let outputs = try? instance.infer(facts), outputs.allSatisfy(\.type.isPlausible)
    else { return }
    _ = instance.cost(facts, outputs)
    // What was accepted must also get a kernel, or an error.
    let operands = facts.map { $0.flatMap(operand) }
    let results = outputs.map(operand)
    guard zip(operands, facts).allSatisfy({ ($0 == nil) == ($1 == nil) }),
      !results.contains(where: { $0 == nil })
    else { return }
    guard let plan = try? instance.kernel(KernelRequest(inputs: operands, outputs: results)) else {
      return
    }
    #expect(plan.outputs.count == results.count)
  }

  /// An operand of fixed, moderate extents.
  private func operand(_ fact: Fact) -> KernelRequest.Operand? {
    guard let shape = fact.type.shape, let count = shape.checkedCount, count <= 1 << 16 else {
      return nil
    }
    return .init(dtype: fact.dtype, shape: shape, constant: fact.knownTensor)
  }

  private func number(_ random: inout Philox) -> Int {
    Self.numbers[Int(random.next() % UInt64(Self.numbers.count))]
  }

  private func mutated(_ attributes: Attributes, _ random: inout Philox) -> Attributes {
    var result = attributes
    for (name, value) in attributes.values.sorted(by: { $0.key < $1.key })
    where random.next() % 2 == 0 {
      result.values[name] = mutated(value, &random)
    }
    return result
  }

  private func mutated(_ value: AttributeValue, _ random: inout Philox) -> AttributeValue {
    switch value {
    case .int: return .int(number(&random))
    case .ints(let list):
      var list = list
      switch random.next() % 4 {
      case 0: list.append(number(&random))
      case 1: if !list.isEmpty { list.removeLast() }
      default:
        if !list.isEmpty {
          list[Int(random.next() % UInt64(list.count))] = number(&random)
        }
      }
      return .ints(list)
    case .float: return .float([0, -1, .infinity, .nan, 1e30, 1e-30][Int(random.next() % 6)])
    case .string(let word): return .string(random.next() % 2 == 0 ? word + "?" : "")
    default: return .int(0)
    }
  }

  private func mutated(_ input: Example.Input, _ random: inout Philox) -> Fact? {
    switch input {
    case .absent: return nil
    case .random(let shape, _, _):
      var dimensions = shape.dimensions.map(Dimension.fixed)
      switch random.next() % 6 {
      case 0:
        dimensions.append(
          [.fixed(max(0, number(&random))), .named("X"), .unknown][Int(random.next() % 3)])
      case 1: if !dimensions.isEmpty { dimensions.removeLast() }
      case 2, 3:
        if !dimensions.isEmpty {
          let place = Int(random.next() % UInt64(dimensions.count))
          dimensions[place] =
            [.fixed(max(0, number(&random))), .fixed(0), .named("X"), .unknown][
              Int(random.next() % 4)]
        }
      default: break
      }
      return Fact(
        [DType.float32, .float32, .float32, .int64, .int8, .string][Int(random.next() % 6)],
        dimensions)
    case .constant(let tensor):
      guard tensor.dtype == .int64 || tensor.dtype == .float32, random.next() % 2 == 0 else {
        return random.next() % 8 == 0 ? Fact(tensor.dtype, [.unknown]) : Fact(constant: tensor)
      }
      if tensor.dtype == .float32 {
        let choices: [Float] = [0, -1, .nan, .infinity, 1e30, 1e-30, 0.5, 3]
        return Fact(
          constant: Tensor(
            tensor.floats.map { random.next() % 2 == 0 ? $0 : choices[Int(random.next() % 8)] },
            tensor.shape))
      }
      var values = tensor.integers
      if !values.isEmpty { values[Int(random.next() % UInt64(values.count))] = number(&random) }
      if tensor.shape.rank == 1, random.next() % 4 == 0 { values.append(number(&random)) }
      let shape = tensor.shape.rank == 1 ? Shape([values.count]) : tensor.shape
      return Fact(constant: Tensor(values.map(Int64.init), shape))
    }
  }
}
