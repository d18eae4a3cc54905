public import PithGraph

/// Every operator, in alphabetical order: add a file to this folder and a line here.
public let operatorCatalogue: [any Operator.Type] = [
  Add.self,
  AveragePool.self,
  BatchNormalization.self,
  Cast.self,
  Clip.self,
  Concat.self,
  ConstantOfShape.self,
  Conv.self,
  ConvTranspose.self,
  DepthToSpace.self,
  DequantizeLinear.self,
  Div.self,
  Expand.self,
  Flatten.self,
  Gather.self,
  Gemm.self,
  GlobalAveragePool.self,
  GlobalMaxPool.self,
  Identity.self,
  LogSoftmax.self,
  MatMul.self,
  MaxPool.self,
  Mul.self,
  Neg.self,
  Pad.self,
  QuantizeLinear.self,
  RangeOperator.self,
  ReduceMean.self,
  Relu.self,
  Reshape.self,
  Resize.self,
  ShapeOperator.self,
  Sigmoid.self,
  Slice.self,
  Softmax.self,
  SpaceToDepth.self,
  Split.self,
  Squeeze.self,
  Sub.self,
  Tanh.self,
  Tile.self,
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
