import PithGraph
import PithTensors

/// The dimensions of a product of whole numbers of 8 bits; `MatMul` knows those of any product.
func inferIntegerProduct(_ inputs: [Fact?], left: Int, right: Int) throws(ShapeError)
  -> [Dimension]
{
  let (a, b) = (try inputs.required(left), try inputs.required(right))
  for (index, fact) in [(left, a), (right, b)] where fact.dtype != .int8 && fact.dtype != .uint8 {
    throw .type(input: index, fact.dtype)
  }
  return try MatMul().infer([a, b])[0].dimensions
}

/// The dimensions of a convolution of whole numbers of 8 bits.
func inferIntegerConvolution(_ form: Conv, _ inputs: [Fact?], data: Int, weight: Int)
  throws(ShapeError) -> [Dimension]
{
  let (x, w) = (try inputs.required(data), try inputs.required(weight))
  for (index, fact) in [(data, x), (weight, w)] where fact.dtype != .int8 && fact.dtype != .uint8 {
    throw .type(input: index, fact.dtype)
  }
  return try form.infer([x, w])[0].dimensions
}

/// The type of a quantized result, which is that of its zero point.
func inferQuantizedResult(_ inputs: [Fact?], scale: Int, zero: Int) throws(ShapeError) -> DType {
  guard try inputs.required(scale).dtype.isFloatingPoint else {
    throw .type(input: scale, try inputs.required(scale).dtype)
  }
  let point = try inputs.required(zero)
  guard point.dtype == .int8 || point.dtype == .uint8 else {
    throw .type(input: zero, point.dtype)
  }
  return point.dtype
}
