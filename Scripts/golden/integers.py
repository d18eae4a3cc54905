"""Quantized networks and what ONNX Runtime makes of them, for the tests of int8 execution.

Python 3.11, numpy 2.4.6, onnx 1.21.0, onnxruntime 1.31.1. Run on a processor with VNNI: without it
ONNX Runtime lets sums of products overflow. Writes NAME.onnx, NAME.input.pb, NAME.output.pb and
NAME.step.pb (the quantization step of the output) into Tests/PithRuntimeTests/Fixtures/integers.
"""

import os
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.path.join(ROOT, "Tests", "PithRuntimeTests", "Fixtures", "integers")

KINDS = {
    "u8s8": (QuantType.QUInt8, QuantType.QInt8, True, False),
    "s8s8": (QuantType.QInt8, QuantType.QInt8, True, False),
    "symmetric": (QuantType.QInt8, QuantType.QInt8, False, True),
    "u8u8": (QuantType.QUInt8, QuantType.QUInt8, False, False),
}


class Network:
    """A float network under construction."""

    def __init__(self, shape, seed):
        self.random = numpy.random.default_rng(seed)
        self.shape = shape
        self.nodes, self.weights = [], []

    def weight(self, values, dtype=numpy.float32):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.asarray(values, dtype), name))
        return name

    def add(self, kind, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"n_{name}", **attributes))
        return name

    def conv(self, x, inputs, outputs, size, group=1, **attributes):
        fan = inputs // group * size * size
        weight = self.random.normal(0, (2 / fan) ** 0.5, (outputs, inputs // group, size, size))
        bias = self.random.normal(0, 0.1, outputs)
        return self.add("Conv", x, self.weight(weight), self.weight(bias), group=group, **attributes)

    def gemm(self, x, inputs, outputs):
        weight = self.random.normal(0, inputs**-0.5, (outputs, inputs))
        return self.add(
            "Gemm", x, self.weight(weight), self.weight(self.random.normal(0, 0.1, outputs)), transB=1)

    def model(self, output):
        graph = helper.make_graph(
            self.nodes, "network",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        return onnx.shape_inference.infer_shapes(model)


def plain():
    net = Network([2, 3, 12, 12], 1)
    x = net.add("Relu", net.conv("x", 3, 16, 3, pads=[1] * 4))
    x = net.conv(x, 16, 20, 3, strides=[2, 2], pads=[1] * 4)
    x = net.conv(x, 20, 24, 1)
    x = net.add("Relu", net.conv(x, 24, 24, 3, pads=[1] * 4, group=2))
    x = net.add("Flatten", net.add("GlobalAveragePool", x))
    return net.model(net.gemm(x, 24, 10)), x


def residual():
    net = Network([2, 16, 8, 8], 2)
    first = net.add("Relu", net.conv("x", 16, 16, 3, pads=[1] * 4))
    second = net.conv(first, 16, 16, 3, pads=[1] * 4)
    x = net.add("Relu", net.add("Add", second, first))
    short = net.conv(x, 16, 32, 1, strides=[2, 2])
    long = net.conv(net.add("Relu", net.conv(x, 16, 32, 3, strides=[2, 2], pads=[1] * 4)), 32, 32, 3,
                    pads=[1] * 4)
    x = net.add("Add", long, short)
    return net.model(net.add("Flatten", net.add("GlobalAveragePool", x))), x


def depthwise():
    net = Network([1, 3, 14, 14], 3)
    zero, six = net.weight(0.0), net.weight(6.0)
    clip = lambda x: net.add("Clip", x, zero, six)
    x = clip(net.conv("x", 3, 24, 3, strides=[2, 2], pads=[0, 0, 1, 1]))
    x = clip(net.conv(x, 24, 24, 3, group=24, pads=[1] * 4))
    y = net.conv(x, 24, 12, 1)
    x = clip(net.conv(y, 12, 40, 1))
    x = clip(net.conv(x, 40, 40, 5, group=40, pads=[2] * 4))
    x = net.add("Add", net.conv(x, 40, 12, 1), y)
    return net.model(net.gemm(net.add("Flatten", x), 12 * 7 * 7, 7)), x


def branches():
    net = Network([2, 8, 9, 9], 4)
    left = net.add("Relu", net.conv("x", 8, 16, 1))
    right = net.conv("x", 8, 8, 3, pads=[1] * 4)
    pooled = net.add("MaxPool", "x", kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4)
    x = net.add("Concat", left, right, pooled, axis=1)
    x = net.add("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4,
                count_include_pad=1)
    x = net.add("AveragePool", x, kernel_shape=[2, 2], pads=[0, 0, 1, 1])
    x = net.add("LeakyRelu", net.conv(x, 32, 16, 3), alpha=0.1)
    x = net.add("Sigmoid", net.add("MaxPool", x, kernel_shape=[2, 2], strides=[1, 1]))
    x = net.add("Transpose", x, perm=[0, 2, 3, 1])
    x = net.add("MatMul", x, net.weight(net.random.normal(0, 0.3, (16, 6))))
    return net.model(net.add("Reshape", x, net.weight([2, -1], numpy.int64))), x


class Reader(CalibrationDataReader):
    def __init__(self, samples):
        self.samples = iter(samples)

    def get_next(self):
        sample = next(self.samples, None)
        return None if sample is None else {"x": sample}


def write(name, model, sample):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    result = session.run(None, {"x": sample})[0]
    values = {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}
    steps = [
        values[node.input[1]] for node in model.graph.node
        if node.op_type == "QuantizeLinear" and node.input[1] in values
    ]
    base = os.path.join(TARGET, name)
    onnx.save(model, base + ".onnx")
    for kind, array in [("input", sample), ("output", result), ("step", steps[-1].reshape(1))]:
        with open(f"{base}.{kind}.pb", "wb") as file:
            file.write(numpy_helper.from_array(numpy.float32(array), kind).SerializeToString())


def quantized(build, kind):
    activations, weights, per_channel, symmetric = KINDS[kind]
    model, _ = build()
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    random = numpy.random.default_rng(9)
    samples = [random.normal(0.2, 1, shape).astype(numpy.float32) for _ in range(16)]
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "float.onnx"), os.path.join(folder, "quantized.onnx")
        onnx.save(model, source)
        quantize_static(
            source, target, Reader(samples), quant_format=QuantFormat.QDQ, per_channel=per_channel,
            activation_type=activations, weight_type=weights,
            extra_options={"ActivationSymmetric": symmetric})
        return onnx.load(target), samples[0]


def aware():
    """As quantization-aware training leaves it: weights in float behind a pair of their own, a pair at
    each use of a value, a sum whose other operand alone is quantized."""
    net = Network([1, 8, 6, 6], 5)

    def pair(x, scale):
        scale, zero = net.weight(scale), net.weight(0, numpy.int8)
        return net.add("DequantizeLinear", net.add("QuantizeLinear", x, scale, zero), scale, zero)

    def weight(values):
        scale = numpy.abs(values).max((1, 2, 3)) / 127
        scales, zeros = net.weight(scale), net.weight(numpy.zeros(len(scale)), numpy.int8)
        stored = net.add("QuantizeLinear", net.weight(values), scales, zeros, axis=0)
        return net.add("DequantizeLinear", stored, scales, zeros, axis=0)

    def conv(x, inputs, outputs):
        values = net.random.normal(0, (2 / inputs / 9) ** 0.5, (outputs, inputs, 3, 3))
        bias = net.weight(net.random.normal(0, 0.1, outputs))
        return net.add("Conv", x, weight(values.astype(numpy.float32)), bias, pads=[1] * 4)

    first = net.add("Relu", conv(pair("x", 0.03), 8, 16))
    hidden = net.add("Relu", conv(pair(first, 0.03), 16, 16))
    x = net.add("Add", conv(pair(hidden, 0.03), 16, 16), pair(first, 0.03))
    x = pair(net.add("Relu", x), 0.04)
    return net.model(x), None


def main():
    os.makedirs(TARGET, exist_ok=True)
    for build in (plain, residual, depthwise, branches):
        for kind in KINDS:
            model, sample = quantized(build, kind)
            write(f"{build.__name__}-{kind}", model, sample)
    model, _ = aware()
    sample = numpy.random.default_rng(9).normal(0.2, 1, [1, 8, 6, 6]).astype(numpy.float32)
    write("aware", model, sample)


main()
