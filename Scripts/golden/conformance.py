#!/usr/bin/env python3
"""Writes Tests/PithOperatorsTests/Fixtures/conformance.{json,bin}: ONNX's own operator tests.

Needs onnx==1.21.0, whose wheel carries the backend's node tests: small models with inputs and
outputs. Those that use only operators of OPERATORS and element types of TYPES are taken as they
are: the .bin file holds their files one behind the other (equal ones once), the .json file tells,
for each test, where its model, inputs and outputs lie as [offset, length] pairs. An optional input
or output that a test leaves out is null.
"""
import hashlib
import json
import pathlib

import onnx
from onnx import TensorProto

SOURCE = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithOperatorsTests/Fixtures"

OPERATORS = set("""
    Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
    BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast
    CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat Constant ConstantOfShape Conv
    ConvInteger ConvTranspose Cos Cosh CumProd CumSum DeformConv DepthToSpace DequantizeLinear
    Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor
    GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool
    Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid
    HardSwish Hardmax Identity InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization
    LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul MatMulInteger Max
    MaxPool MaxUnpool Mean MeanVarianceNormalization Min Mish Mod Mul Neg
    NegativeLogLikelihoodLoss NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul
    QuantizeLinear RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
    ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu
    Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round ScatterElements ScatterND Selu
    Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus
    Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tan Tanh TensorScatter
    ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Where Xor
""".split())
TYPES = {
    TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE,
    TensorProto.INT8, TensorProto.UINT8, TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32,
    TensorProto.UINT32, TensorProto.INT64, TensorProto.UINT64, TensorProto.INT4, TensorProto.UINT4,
    TensorProto.BOOL,
}
# A test of one operator may be this large, one that spells an operator out in others only this.
LARGEST, LARGEST_EXPANDED, MOST_NODES = 8_000, 3_000, 24


def is_wanted(folder, model):
    nodes = model.graph.node
    if not nodes or any(node.domain or node.op_type not in OPERATORS for node in nodes):
        return False
    values = [*model.graph.input, *model.graph.output]
    if any(v.type.tensor_type.elem_type not in TYPES for v in values):
        return False
    casts = [a.i for n in nodes for a in n.attribute if n.op_type == "Cast" and a.name == "to"]
    if any(code not in TYPES for code in casts):
        return False
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return size <= (LARGEST if len(nodes) == 1 else LARGEST_EXPANDED) and len(nodes) <= MOST_NODES


def main():
    blob, places, index = bytearray(), {}, []

    def place(data):
        key = hashlib.sha256(data).digest()
        if key not in places:
            places[key] = [len(blob), len(data)]
            blob.extend(data)
        return places[key]

    for folder in sorted(SOURCE.iterdir()):
        model = onnx.load(folder / "model.onnx")
        if not is_wanted(folder, model):
            continue
        files = {"model": place((folder / "model.onnx").read_bytes())}
        for kind in ("input", "output"):
            paths = [folder / f"test_data_set_0/{kind}_{i}.pb"
                     for i in range(len(getattr(model.graph, kind)))]
            files[kind + "s"] = [place(p.read_bytes()) if p.exists() else None for p in paths]
        index.append({"name": folder.name.removeprefix("test_"), **files})
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "conformance.bin").write_bytes(blob)
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in index)
    (OUT / "conformance.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(index)} tests, {len(blob)} bytes")


main()
