import PithGraph
import PithOperators
import PithTensors
import Testing

/// What is known of values before anything runs: extents with names, and small whole numbers.
@Suite("Inference of elementwise operators and reductions")
struct InferenceTests {
  private func whole(_ numbers: [Dimension]) -> Fact {
    Fact(.int64, [.fixed(numbers.count)], elements: numbers)
  }

  @Test("computes whole numbers that are known")
  func elements() throws {
    let left = whole([7, -7, .named("N"), 6])
    let right = whole([2, 2, 2, 0])
    func result(_ operator: any Operator) throws -> [Dimension]? {
      try `operator`.infer([left, right])[0].elements
    }
    #expect(try result(Sub()) == [5, -9, .unknown, 6])
    #expect(try result(Mul()) == [14, -14, .unknown, 0])
    #expect(try result(Div()) == [3, -3, .unknown, .unknown])
    #expect(try result(Mod()) == [1, 1, .unknown, .unknown])
    #expect(try result(Max()) == [7, 2, .unknown, 6])
    #expect(try result(Min()) == [2, -7, .unknown, 0])
    #expect(try Neg().infer([left])[0].elements == [-7, 7, .unknown, -6])
    #expect(try Abs().infer([left])[0].elements == [7, 7, .unknown, 6])
    #expect(try Cast(.int32).infer([left])[0].elements == left.elements)
  }

  @Test("survives numbers at the ends of their range")
  func extremes() throws {
    let least = whole([.fixed(.min), .fixed(.max)])
    let one = whole([-1, -1])
    for kind in [Add(), Sub(), Mul(), Div(), Mod()] as [any Operator] {
      #expect(try kind.infer([least, one])[0].elements?.count == 2)
    }
    #expect(try Div().infer([least, one])[0].elements == [.unknown, .fixed(-.max)])
    #expect(try Neg().infer([least])[0].elements == [.fixed(.min), .fixed(-.max)])
    #expect(try Abs().infer([least])[0].elements == [.fixed(.min), .fixed(.max)])
  }

  @Test("keeps named extents")
  func names() throws {
    let data = Fact(.float32, [.named("N"), 3, .named("H"), .named("W")])
    let spatial = Fact(constant: Tensor([2, -1] as [Int64]))
    #expect(try Sigmoid().infer([data])[0].dimensions == data.dimensions)
    #expect(try ReduceMean().infer([data, spatial])[0].dimensions == [.named("N"), 3, 1, 1])
    let flat = try ReduceSum(keepsAxes: false).infer([data, spatial])[0].dimensions
    #expect(flat == [.named("N"), 3])
    #expect(try ReduceMax().infer([data, nil])[0].dimensions == [1, 1, 1, 1])
    #expect(
      try ArgMax(axis: 1, keepsAxis: false).infer([data])[0].type
        == TensorType(.int64, [.named("N"), .named("H"), .named("W")]))
    #expect(try Less().infer([data, Fact(.float32, [])])[0].dtype == .bool)
  }

  @Test("refuses what cannot be, and says why")
  func refusals() {
    let data = Fact(.float32, [2, 3, 4])
    let whole = Fact(.int64, [2, 3, 4])
    func refusal(_ operator: any Operator, _ inputs: [Fact?]) -> String? {
      do {
        _ = try `operator`.infer(inputs)
        return nil
      } catch { return error.description }
    }
    #expect(refusal(Mul(), [data, whole]) == "element types float32 and int64 differ")
    #expect(
      refusal(Div(), [data, Fact(.float32, [5])]) == "shapes 2x3x4 and 5 cannot be stretched to one"
    )
    #expect(refusal(Sigmoid(), [whole]) == "input 0 cannot be int64")
    #expect(refusal(Softmax(axis: 3), [data]) == "axis 3 does not exist in a value of rank 3")
    #expect(refusal(Softmax(axis: .min), [data]) != nil)
    #expect(
      refusal(ReduceSum(), [data, Fact(.int64, [1])])
        == "input 1 (the axes) must be known before the network runs")
    #expect(refusal(ReduceSum(), [data, Fact(constant: Tensor([9] as [Int64]))]) != nil)
    #expect(
      refusal(PRelu(), [data, Fact(.float32, [2, 2, 3, 4])])
        == "slope 2x2x3x4 cannot be stretched to 2x3x4")
    #expect(refusal(GroupNormalization(groups: 2), [data, data, data]) != nil)
    #expect(refusal(BatchNormalization(), [data, data]) != nil)
    #expect(
      refusal(Mod(), [data, data]) == "the remainder of floating-point numbers needs fmod = 1")
    #expect(refusal(Tanh(), []) == "input 0 is missing")
  }
}
