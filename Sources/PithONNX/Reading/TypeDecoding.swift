import PithGraph
import PithTensors
import SwiftProtobuf

extension OnnxTypeProto {
  /// The type, where it is a tensor of known rank with elements that Pith has; nil otherwise.
  ///
  /// A negative extent means, as in ONNX Runtime, that nothing is known.
  func tensorType(of name: String) throws(ONNXError) -> TensorType? {
    guard case .tensorType(let tensor)? = value, tensor.hasShape,
      let dtype = DType(onnx: tensor.elemType)
    else { return nil }
    guard tensor.shape.dim.count <= SizeLimits.rank else {
      throw .tensor(name: name, problem: "its rank is beyond \(SizeLimits.rank)")
    }
    let type = TensorType(dtype, tensor.shape.dim.map(\.dimension))
    if let fault = SizeLimits.fault(in: type) { throw .tensor(name: name, problem: fault) }
    return type
  }

  /// Whether `TensorType` says all there is to say.
  var isPlainTensor: Bool {
    guard case .tensorType(let tensor)? = value, tensor.hasShape, !hasDenotation else {
      return false
    }
    return DType(onnx: tensor.elemType) != nil && !tensor.shape.dim.contains(where: \.hasDenotation)
  }
}

extension OnnxTensorShapeProto.Dimension {
  fileprivate var dimension: Dimension {
    switch value {
    case .dimValue(let size) where size >= 0: .fixed(Int(size))
    case .dimParam(let name) where !name.isEmpty: .named(name)
    default: .unknown
    }
  }

  init(_ dimension: Dimension) {
    self.init()
    switch dimension {
    case .fixed(let size): dimValue = Int64(size)
    case .named(let name): dimParam = name
    case .unknown: break
    }
  }
}

extension OnnxTypeProto {
  init(_ type: TensorType) {
    self.init()
    tensorType = .with {
      $0.elemType = Int32(type.dtype.onnx.rawValue)
      $0.shape = .with { $0.dim = type.dimensions.map(OnnxTensorShapeProto.Dimension.init) }
    }
  }
}

extension Dimension {
  /// What is known from both; the own knowledge goes first.
  func refined(by other: Dimension) -> Dimension { self == .unknown ? other : self }
}
