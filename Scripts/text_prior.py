"""Writes Sources/PithCoding/TextPrior.swift: the text that coder and decoder of model texts know.

It is part of the archive format: run this only together with a new format version.

    pip install onnx==1.21.0 numpy==2.3.5
    python3 Scripts/text_prior.py
"""

from pathlib import Path

from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parent.parent
FLOAT = TensorProto.FLOAT


def tensor(name, dims, kind=FLOAT):
    """A tensor whose payload has been taken out: its length stays."""
    result = TensorProto(dims=dims, data_type=kind, name=name)
    count = 1
    for dim in dims:
        count *= dim
    result.raw_data = bytes(count * (4 if kind == FLOAT else 1))
    return result


def text(model):
    """The bytes of a model without the payloads of its tensors."""
    data = model.SerializeToString()
    for item in model.graph.initializer:
        if len(item.raw_data) >= 8:
            data = data.replace(item.name.encode() + b"J", item.name.encode() + b"\0", 1)
            at = data.index(item.name.encode() + b"\0") + len(item.name)
            data = data[:at] + b"J" + data[at + 1 :]
            start = data.index(bytes(len(item.raw_data)), at)
            data = data[:start] + data[start + len(item.raw_data) :]
    return data


def value(name, dims):
    return helper.make_tensor_value_info(name, FLOAT, dims)


def model(name, nodes, inputs, outputs, weights, opset=17):
    graph = helper.make_graph(nodes, name, inputs, outputs, weights)
    return helper.make_model(
        graph, producer_name="pith", opset_imports=[helper.make_opsetid("", opset)], ir_version=8
    )


def conv(layer, source, target, size, stride=1, group=None, bias=True):
    pad = size // 2
    extra = {} if group is None else {"group": group}
    return helper.make_node(
        "Conv",
        [source, f"{layer}.weight"] + ([f"{layer}.bias"] if bias else []),
        [target],
        name=layer,
        dilations=[1, 1],
        kernel_shape=[size, size],
        pads=[pad] * 4,
        strides=[stride, stride],
        **({"group": 1} | extra),
    )


def batch_norm(layer, source, target):
    names = [f"{layer}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    return helper.make_node(
        "BatchNormalization", [source] + names, [target], name=layer, epsilon=1e-5, momentum=0.9
    )


def statistics(layer, channels):
    parts = ("weight", "bias", "running_mean", "running_var")
    return [tensor(f"{layer}.{part}", [channels]) for part in parts]


def gemm(layer, source, target):
    return helper.make_node(
        "Gemm",
        [source, f"{layer}.weight", f"{layer}.bias"],
        [target],
        name=layer,
        alpha=1.0,
        beta=1.0,
        transB=1,
    )


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def residual():
    block = "layer1.0"
    nodes = [
        conv("conv1", "input", "conv1", 3, bias=False),
        batch_norm("bn1", "conv1", "bn1"),
        node("Relu", ["bn1"], "relu"),
        conv(f"{block}.conv1", "relu", f"{block}.conv1", 3, 2, bias=False),
        batch_norm(f"{block}.bn1", f"{block}.conv1", f"{block}.bn1"),
        node("Relu", [f"{block}.bn1"], f"{block}.relu"),
        conv(f"{block}.downsample.0", f"{block}.relu", f"{block}.downsample.0", 1, bias=False),
        node("Add", [f"{block}.downsample.0", "relu"], f"{block}.add"),
        node("Clip", [f"{block}.add", "min", "max"], "features.0.clip"),
        node("GlobalAveragePool", ["features.0.clip"], "avgpool"),
        node("Flatten", ["avgpool"], "flatten", axis=1),
        gemm("linear", "flatten", "logits"),
        node("Softmax", ["logits"], "probabilities", axis=-1),
    ]
    weights = [tensor("conv1.weight", [16, 3, 3, 3])]
    weights += statistics("bn1", 16)
    weights += [tensor(f"{block}.conv1.weight", [16, 16, 3, 3])]
    weights += statistics(f"{block}.bn1", 16)
    weights += [tensor("linear.weight", [10, 64]), tensor("linear.bias", [10])]
    return model(
        "resnet",
        nodes,
        [value("input", ["batch", 3, 32, 32])],
        [value("probabilities", ["batch", 10])],
        weights,
    )


def shared():
    nodes, weights = [], []
    for layer, dims in (
        ("conv1", [32, 1, 5, 5]),
        ("conv2", [64, 32, 5, 5]),
        ("fc1", [1024, 3136]),
        ("fc2", [10, 1024]),
    ):
        weight = f"{layer}.weight"
        weights.append(tensor(f"{weight}.indices", dims, TensorProto.UINT8))
        weights.append(tensor(f"{weight}.codebook", [16]))
        weights.append(tensor(f"{layer}.bias", dims[:1]))
        nodes.append(node("Cast", [f"{weight}.indices"], f"{weight}.cast", to=TensorProto.INT32))
        nodes.append(node("Gather", [f"{weight}.codebook", f"{weight}.cast"], weight, axis=0))
    nodes += [
        conv("conv1", "input", "conv1", 5),
        node("Relu", ["conv1"], "relu1"),
        node("MaxPool", ["relu1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        conv("conv2", "pool1", "conv2", 5),
        node("Relu", ["conv2"], "relu2"),
        node("MaxPool", ["relu2"], "pool2", kernel_shape=[2, 2], strides=[2, 2]),
        node("Reshape", ["pool2", "shape"], "reshape"),
        node("Flatten", ["pool2"], "flatten", axis=1),
        gemm("fc1", "flatten", "fc1"),
        node("Relu", ["fc1"], "relu3"),
        node("Dropout", ["relu3"], "dropout"),
        gemm("fc2", "relu3", "logits"),
    ]
    return model(
        "mnist-cnn",
        nodes,
        [value("input", ["batch", 1, 28, 28])],
        [value("logits", ["batch", 10])],
        weights,
    )


def quantized():
    nodes, weights = [], []
    for kind, name, target in (
        ("QuantizeLinear", "input", "input.quantized"),
        ("DequantizeLinear", "input.quantized", "input.dequantized"),
        ("DequantizeLinear", "conv1.weight.quantized", "conv1.weight"),
    ):
        stem = target.rsplit(".", 1)[0]
        nodes.append(node(kind, [name, f"{stem}.scale", f"{stem}.zero_point"], target, axis=0))
        weights.append(tensor(f"{stem}.scale", []))
        weights.append(tensor(f"{stem}.zero_point", [], TensorProto.INT8))
    nodes += [
        node("Concat", ["input", "output"], "concat", axis=1),
        node("Transpose", ["concat"], "transpose", perm=[0, 2, 3, 1]),
        node("AveragePool", ["transpose"], "pool", ceil_mode=0, auto_pad="NOTSET"),
        node("ReduceMean", ["pool"], "mean", axes=[2, 3], keepdims=1),
        node("MatMul", ["mean", "classifier.weight"], "matmul"),
        node("Sigmoid", ["matmul"], "sigmoid"),
        node("Mul", ["sigmoid", "mean"], "output"),
    ]
    return model("main_graph", nodes, [value("input", ["N", 3, 224, 224])], [], weights, 13)


def main():
    # What helps most comes last, nearest to the coded text.
    prior = text(quantized()) + text(residual()) + text(shared())
    rows = [prior[at : at + 16] for at in range(0, len(prior), 16)]
    lines = [
        "/// A text that encoder and decoder of model texts have both read before they begin: pieces",
        "/// of typical models, so that common words cost next to nothing from their first use.",
        "///",
        "/// It is part of the format: changing a byte of it needs a new format version.",
        "/// `Scripts/text_prior.py` wrote this file.",
        "enum TextPrior {",
        "  static let bytes: [UInt8] = [",
    ]
    lines += ["    " + ", ".join(f"0x{byte:02x}" for byte in row) + "," for row in rows]
    lines += ["  ]", "}"]
    path = ROOT / "Sources" / "PithCoding" / "TextPrior.swift"
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(prior)} bytes")
    return prior


if __name__ == "__main__":
    main()
