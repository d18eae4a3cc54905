#!/usr/bin/env python3
"""Writes Tests/PithOperatorsTests/Fixtures/*.json: single operators as ONNX Runtime runs them.

Needs numpy==2.4.6, onnx==1.21.0, onnxruntime==1.31.1.
"""
import itertools
import json
import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithOperatorsTests/Fixtures"
OUT.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(1)
FOUR_BITS = {"int4": TensorProto.INT4, "uint4": TensorProto.UINT4}


def data(*shape, scale=8):
    """Multiples of 1/scale with few digits, so that the files stay small."""
    return (random.integers(-2 * scale, 2 * scale + 1, shape) / scale).astype(np.float32)


class Packed:
    """Integers of four bits, which NumPy lacks."""

    def __init__(self, dtype, values):
        self.dtype, self.values = dtype, np.array(values)


def proto(name, value):
    if isinstance(value, Packed):
        return helper.make_tensor(
            name, FOUR_BITS[value.dtype], value.values.shape, value.values.reshape(-1).tolist())
    return numpy_helper.from_array(value, name)


def run(operator, inputs, attributes, outputs):
    """All inputs are initializers; integers of four bits come out as floats."""
    names = ["" if value is None else f"i{k}" for k, value in enumerate(inputs)]
    node = helper.make_node(operator, names, [f"o{k}" for k in range(outputs)], **attributes)
    nodes, results = [node], [f"o{k}" for k in range(outputs)]
    initializers = [proto(n, v) for n, v in zip(names, inputs) if v is not None]
    packed = operator == "QuantizeLinear" and (
        attributes.get("output_dtype") in FOUR_BITS.values()
        or len(inputs) > 2 and isinstance(inputs[2], Packed))
    if packed:
        initializers.append(numpy_helper.from_array(np.float32(1), "one"))
        nodes.append(helper.make_node("DequantizeLinear", ["o0", "one"], ["whole"]))
        results = ["whole"]
    graph = helper.make_graph(
        nodes, "golden", [], [helper.make_empty_tensor_value_info(n) for n in results], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {})


def number(x):
    """As short as it can be; JSON has no infinities."""
    return float(f"{x:.9g}") if np.isfinite(x) else str(x)


def tensor(value):
    if value is None:
        return None
    if isinstance(value, Packed):
        return {"dtype": value.dtype, "shape": list(value.values.shape),
                "values": value.values.reshape(-1).tolist()}
    flat = value.reshape(-1)
    numbers = [number(x) for x in flat] if value.dtype.kind == "f" else flat.tolist()
    return {"dtype": str(value.dtype), "shape": list(value.shape), "values": numbers}


def case(operator, inputs, outputs=1, **attributes):
    return {"operator": operator, "attributes": attributes,
            "inputs": [tensor(value) for value in inputs],
            "outputs": [tensor(value) for value in run(operator, inputs, attributes, outputs)]}


def write(name, cases):
    path = OUT / f"{name}.json"
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(path.name, len(cases), "cases", path.stat().st_size, "bytes")


def i64(*values):
    return np.array(values, np.int64)


def pooling():
    image, line, volume = data(1, 2, 7, 6), data(2, 1, 10), data(1, 1, 5, 4, 6)
    windows = [
        dict(kernel_shape=[2, 2], strides=[2, 2]),
        dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        dict(kernel_shape=[3, 2], strides=[2, 3], pads=[0, 1, 2, 0]),
        dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1),
        dict(kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1),
        dict(kernel_shape=[2, 2], dilations=[2, 3]),
        dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
        dict(kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_LOWER"),
        dict(kernel_shape=[3, 3], strides=[2, 1], auto_pad="VALID"),
    ]
    for window in windows:
        yield case("MaxPool", [image], **window)
        for counts in [0, 1]:
            yield case("AveragePool", [image], count_include_pad=counts, **window)
    for operator in ["MaxPool", "AveragePool"]:
        yield case(operator, [line], kernel_shape=[4], strides=[3], pads=[2, 1], ceil_mode=1)
        yield case(operator, [volume], kernel_shape=[2, 2, 3], strides=[2, 1, 2], pads=[0, 1, 1, 1, 0, 1])
    for value in [image, line, volume]:
        yield case("GlobalAveragePool", [value])
        yield case("GlobalMaxPool", [value])


def transposed_convolution():
    image, weight, bias = data(1, 2, 3, 4), data(2, 3, 3, 3), data(3)
    for attributes in [
        {}, dict(strides=[2, 2]), dict(strides=[2, 2], pads=[1, 0, 2, 1]),
        dict(strides=[2, 3], output_padding=[1, 2]), dict(dilations=[2, 1], strides=[1, 2]),
        dict(dilations=[3, 3], strides=[2, 2], output_padding=[1, 1]),
        dict(strides=[2, 2], auto_pad="SAME_UPPER"), dict(strides=[2, 2], auto_pad="SAME_LOWER"),
        dict(strides=[3, 3], output_shape=[8, 11]),
        dict(strides=[3, 3], output_shape=[8, 11], auto_pad="SAME_UPPER"),
        dict(strides=[2, 2], auto_pad="VALID"),
    ]:
        yield case("ConvTranspose", [image, weight, bias], **attributes)
    yield case("ConvTranspose", [data(2, 4, 5), data(4, 3, 2)], group=2, strides=[3])
    yield case("ConvTranspose", [data(1, 1, 2, 2, 3), data(1, 2, 2, 2, 2), data(2)], strides=[1, 2, 2])


def resizing():
    image = data(1, 2, 4, 5)
    coordinates = [
        "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]
    roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
    targets = [([1, 1, 2, 3], None), ([1, 1, 0.5, 1.7], None), (None, [1, 2, 7, 2]), (None, [1, 2, 1, 8])]
    plane = image[:, :1]
    for mode, rounding in itertools.product(coordinates, roundings):
        for scales, sizes in targets:
            yield case(
                "Resize",
                [plane, None, None if scales is None else np.array(scales, np.float32)]
                + ([] if sizes is None else [i64(1, 1, *sizes[2:])]),
                mode="nearest", coordinate_transformation_mode=mode, nearest_mode=rounding)
    for kind, mode in itertools.product(["linear", "cubic"], coordinates):
        for scales, sizes in targets:
            yield case(
                "Resize",
                [plane, None, None if scales is None else np.array(scales, np.float32)]
                + ([] if sizes is None else [i64(1, 1, *sizes[2:])]),
                mode=kind, coordinate_transformation_mode=mode)
    yield case("Resize", [plane, None, np.array([1, 1, 1.5, 2], np.float32)], mode="cubic",
               cubic_coeff_a=-0.5, exclude_outside=1)
    yield case("Resize", [image, None, None, i64(8, 8)], axes=[2, 3], mode="linear",
               keep_aspect_ratio_policy="not_larger")
    yield case("Resize", [image, None, None, i64(9, 7)], axes=[2, 3], mode="nearest",
               keep_aspect_ratio_policy="not_smaller")
    yield case("Resize", [data(2, 2, 3, 2, 2), None, np.array([1, 1, 2, 1.5, 2], np.float32)], mode="linear")


def padding():
    value = data(2, 3, 4)
    for mode in ["constant", "edge", "reflect", "wrap"]:
        for pads in [(0, 1, 2, 1, 0, 3), (1, 0, 0, 0, 2, 1), (0, -1, 1, 1, 0, -2)]:
            if mode == "wrap" and min(pads) < 0:
                continue  # ONNX Runtime wraps about the cropped data there, the specification does not say
            yield case("Pad", [value, i64(*pads)], mode=mode)
    yield case("Pad", [value, i64(1, 2), np.float32(1.5), i64(-2)])
    yield case("Pad", [value.astype(np.int32), i64(0, 0, 1, 0, 0, 1), np.int32(7)])


def slicing():
    value = data(4, 5)
    for starts, ends, axes, steps in [
        ([1, 0], [3, 5], [0, 1], [1, 2]), ([-1], [-6], [1], [-1]), ([10], [-100], [1], [-2]),
        ([3], [1], [0], [1]), ([-3], [2**62], [-1], [1]), ([4], [0], [1], [-3]), ([0], [4], [0], [9]),
        ([-100], [100], [1], [1]), ([-100], [-101], [1], [-1]),
    ]:
        yield case("Slice", [value, i64(*starts), i64(*ends), i64(*axes), i64(*steps)])
    yield case("Gather", [value, i64(-1, 0, 3)])
    yield case("Gather", [value, np.array([[2, -5], [4, 0]], np.int32)], axis=1)
    yield case("Split", [value, i64(3, 0, 2)], outputs=3, axis=1)
    yield case("Split", [value], outputs=3, axis=1, num_outputs=3)
    yield case("Tile", [value, i64(2, 3)])
    yield case("Expand", [data(3, 1), i64(2, 1, 4)])
    yield case("Concat", [value, data(4, 2)], axis=-1)
    yield case("Transpose", [data(2, 3, 4)], perm=[2, 0, 1])
    yield case("DepthToSpace", [data(1, 8, 2, 3)], blocksize=2)
    yield case("DepthToSpace", [data(1, 8, 2, 3)], blocksize=2, mode="CRD")
    yield case("SpaceToDepth", [data(1, 2, 4, 6)], blocksize=2)
    yield case("Range", [np.int64(10), np.int64(-3), np.int64(-4)])
    yield case("Range", [np.float32(0), np.float32(1), np.float32(0.3)])
    yield case("Reshape", [value, i64(2, -1, 2)])
    yield case("Flatten", [data(2, 3, 4)], axis=2)
    yield case("Shape", [data(2, 3, 4)], start=-2)
    yield case("ConstantOfShape", [i64(2, 2)], value=helper.make_tensor("", TensorProto.INT64, [1], [5]))


def quantization():
    ties = np.arange(-9, 10, dtype=np.float32) / 2
    spread = (random.standard_normal(60) * 40).astype(np.float32)
    extremes = np.array([1e9, -1e9, 3e38, -3e38, np.inf, -np.inf, 0, -0.0], np.float32)
    values = np.concatenate([ties, spread, extremes])
    for dtype, zeros in [(np.uint8, [0, 128, 255]), (np.int8, [0, -128, 5]), (np.uint16, [0, 32768]),
                         (np.int16, [0, -1234])]:
        for zero in zeros:
            for scale in [1, 0.1, 0.37]:
                yield case("QuantizeLinear", [values, np.float32(scale), dtype(zero)])
    for dtype, zero in [("int4", -3), ("uint4", 8)]:
        yield case("QuantizeLinear", [values[:-1], np.float32(0.75), Packed(dtype, zero)])
        whole = Packed(dtype, random.integers(-8, 8, (3, 3)) + (8 if dtype == "uint4" else 0))
        yield case("DequantizeLinear", [whole, np.float32(0.3), Packed(dtype, zero)])
    yield case("QuantizeLinear", [values, np.float32(0.5)])
    yield case("QuantizeLinear", [values, np.float32(0.5)], output_dtype=TensorProto.INT16)
    table = data(2, 3, 2)
    scales = np.array([0.1, 0.3, 0.05], np.float32)
    yield case("QuantizeLinear", [table, scales, np.array([1, -2, 3], np.int8)])
    yield case("QuantizeLinear", [data(2, 3), scales, np.array([1, 2, 3], np.uint8)], axis=-1)
    for shape, axis in [((2, 5), 1), ((5, 2), 0), ((2, 4, 3), 1)]:
        blocks = list(shape)
        blocks[axis] = -(-shape[axis] // 2)
        scale = (random.integers(1, 9, blocks) / 16).astype(np.float32)
        zero = random.integers(0, 9, blocks).astype(np.uint8)
        yield case("QuantizeLinear", [data(*shape), scale, zero], axis=axis, block_size=2)
        yield case("DequantizeLinear", [random.integers(0, 255, shape).astype(np.uint8), scale, zero],
                   axis=axis, block_size=2)
    for dtype, zero in [(np.uint8, 128), (np.int8, -7), (np.uint16, 9), (np.int16, -300)]:
        info = np.iinfo(dtype)
        whole = random.integers(info.min, info.max, (2, 3, 2)).astype(dtype)
        yield case("DequantizeLinear", [whole, np.float32(0.037), dtype(zero)])
        yield case("DequantizeLinear", [whole, scales, np.array([1, 2, 3], dtype)])
    yield case("DequantizeLinear", [np.array([2**31 - 1, -2**31, 123456789], np.int32), np.float32(0.37)])


if __name__ == "__main__":
    for family in [pooling, transposed_convolution, resizing, padding, slicing, quantization]:
        cases = list(family())
        for c in cases:
            for name, value in c["attributes"].items():
                if isinstance(value, onnx.TensorProto):
                    c["attributes"][name] = {"tensor": tensor(numpy_helper.to_array(value))}
        write(family.__name__, cases)
