#!/usr/bin/env python3
"""Writes Tests/PithCompressionTests/Fixtures/quantization.json and ranges.json.

Needs numpy==2.4.6, onnx==1.21.0, onnxruntime==1.31.1.

quantization.json: a small network (convolution - ReLU - depthwise convolution - pool - matrix
product), images, and what quantizing its weights per filter and its activations between their
extremes gives, computed with NumPy by the definitions of QuantizeLinear and DequantizeLinear; and
the scores of the quantized network in ONNX Runtime.

ranges.json: ranges of activations, chosen by trying every shrink on the values themselves.
"""
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithCompressionTests/Fixtures"
F = np.float32


def numbers(array):
    return [float(f"{value:.9g}") for value in np.asarray(array).ravel()]


def scores(nodes, weights, images, outputs):
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 6, 6])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": images})


def nodes(names):
    """The network; `names` maps each value to the one that is used in its place."""
    use = lambda *values: [names.get(value, value) for value in values]
    return [
        helper.make_node("Conv", use("x", "w1", "b1"), ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", use("r1", "w2", "b2"), ["c2"], group=4),
        helper.make_node("GlobalAveragePool", use("c2"), ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", use("f", "w3", "b3"), ["y"], transB=1),
    ]


def network(random):
    weights = {
        "w1": random.normal(0, 0.3, (4, 3, 3, 3)),
        "b1": random.normal(0, 0.5, 4),
        "w2": random.normal(0, 0.5, (4, 1, 3, 3)),
        "b2": random.normal(0, 0.5, 4),
        "w3": random.normal(0, 0.5, (3, 4)),
        "b3": random.normal(0, 0.5, 3),
    }
    weights["w1"][1] = 0  # a filter that was pruned away, and one that training left all but zero
    weights["w2"][2] *= 1e-14
    return {name: F(np.round(value, 4)) if name != "w2" else F(value)
            for name, value in weights.items()}


def quantize_activation(values):
    low, high = F(min(values.min(), 0)), F(max(values.max(), 0))
    scale = F((high - low) / F(255))
    return scale, np.uint8(np.clip(np.rint(-low / scale), 0, 255))


def quantize_filters(weight, bias, data_scale):
    """Scales are those of the largest weights, or larger where the bias would need over 31 bits."""
    flat = weight.reshape(len(weight), -1)
    scales = np.abs(flat).max(1) / F(127)
    scales = F(np.maximum(scales, np.abs(bias) / data_scale / F(2**30)))
    integers = np.int8(np.clip(np.rint(flat / scales[:, None]), -127, 127)).reshape(weight.shape)
    steps = F(scales * data_scale)
    return integers, scales, np.int32(np.rint(np.float64(bias) / np.float64(steps))), steps


def quantized(weights, values, images):
    names, prefix, stored, facts = {}, [], {}, {}
    for value, array in values.items():
        scale, zero = quantize_activation(array)
        stored |= {value + ".s": scale, value + ".z": zero}
        prefix.append((value, [
            helper.make_node("QuantizeLinear", [value, value + ".s", value + ".z"], [value + ".q"]),
            helper.make_node("DequantizeLinear", [value + ".q", value + ".s", value + ".z"],
                             [value + ".d"])]))
        names[value] = value + ".d"
        facts[value] = {"scale": numbers(scale), "zero": int(zero)}
    layers = []
    for index, data in ((1, "x"), (2, "r1"), (3, "f")):
        w, b = f"w{index}", f"b{index}"
        integers, scales, biases, steps = quantize_filters(
            weights[w], weights[b], stored[data + ".s"])
        stored |= {w + ".q": integers, w + ".s": scales, b + ".q": biases, b + ".s": steps}
        for name in (w, b):
            prefix.append((None, [helper.make_node(
                "DequantizeLinear", [name + ".q", name + ".s"], [name + ".d"], axis=0)]))
            names[name] = name + ".d"
        layers.append({
            "integers": integers.ravel().tolist(), "scales": numbers(scales),
            "biases": biases.tolist(), "steps": numbers(steps)})
    order = [node for value, pair in prefix if value in (None, "x") for node in pair]
    for node in nodes(names):
        order.append(node)
        for value, pair in prefix:
            if value is not None and value in node.output:
                order += pair
    result = scores(order, stored, images, ["y"])[0]
    return {"activations": facts, "layers": layers, "scores": numbers(result)}


def write_quantization(random):
    weights = network(random)
    images = F(np.round(random.normal(0, 1, (10, 3, 6, 6)), 3))
    values = dict(zip(
        ["r1", "c2", "f", "y"], scores(nodes({}), weights, images, ["r1", "c2", "f", "y"])))
    plain = values.pop("y")
    golden = {
        "images": numbers(images),
        "weights": {name: numbers(value) for name, value in weights.items()},
        "plain": numbers(plain),
    }
    golden |= quantized(weights, {"x": images} | values, images)
    (OUT / "quantization.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


def laplace(count):
    """The quantiles of a Laplace distribution in the middles of equal parts."""
    p = (np.arange(count) + 0.5) / count - 0.5
    return F(-np.sign(p) * np.log1p(-2 * np.abs(p)))


def best_shrink(values):
    """The shrink of the extremes, of 100 from 1 to 0.2, whose 8-bit levels err least."""
    low, high = min(values.min(), 0), max(values.max(), 0)
    errors = []
    for factor in np.linspace(1, 0.2, 100):
        step = (high - low) * factor / 255
        inside = np.clip(values, low * factor, high * factor)
        errors.append(np.mean((np.rint(inside / step) * step - values) ** 2))
    return [numbers(low * np.linspace(1, 0.2, 100)[np.argmin(errors)])[0],
            numbers(high * np.linspace(1, 0.2, 100)[np.argmin(errors)])[0]]


def write_ranges():
    values = laplace(20_000).astype(np.float64)
    rectified = np.maximum(values, 0)
    cases = [
        {"rectified": False, "extremes": numbers([values.min(), values.max()]),
         "mse": best_shrink(values),
         "percentile": numbers(np.percentile(values, [0.005, 99.995]))},
        {"rectified": True, "extremes": numbers([0, rectified.max()]),
         "mse": best_shrink(rectified),
         "percentile": numbers([0, np.percentile(rectified, 99.99)])},
    ]
    (OUT / "ranges.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


OUT.mkdir(parents=True, exist_ok=True)
write_quantization(np.random.default_rng(3))
write_ranges()
