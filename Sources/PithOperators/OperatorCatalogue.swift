public import PithGraph

/// Every operator, in alphabetical order: add a file to this folder and a line here.
public let operatorCatalogue: [any Operator.Type] = [
  Add.self,
  AveragePool.self,
  BatchNormalization.self,
  Cast.self,
  Clip.self,
  Concat.self,
  Conv.self,
  Div.self,
  Flatten.self,
  Gather.self,
  Gemm.self,
  GlobalAveragePool.self,
  Identity.self,
  LogSoftmax.self,
  MatMul.self,
  MaxPool.self,
  Mul.self,
  Neg.self,
  ReduceMean.self,
  Relu.self,
  Reshape.self,
  ShapeOperator.self,
  Sigmoid.self,
  Softmax.self,
  Squeeze.self,
  Sub.self,
  Tanh.self,
  Transpose.self,
  Unsqueeze.self,
]

/// The operator with an ONNX name and domain, if it is known here.
public func operatorType(named name: String, domain: String) -> (any Operator.Type)? {
  operatorsByName[domain + ":" + name]
}

private let operatorsByName: [String: any Operator.Type] = Dictionary(
  operatorCatalogue.map { ($0.domain + ":" + $0.name, $0) }, uniquingKeysWith: { first, _ in first }
)
