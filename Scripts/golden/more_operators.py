#!/usr/bin/env python3
"""Writes Tests/PithOperatorsTests/Fixtures/{recurrent,indexing,sampling,integers,einsum}.json: single
operators as ONNX Runtime runs them.

Needs numpy==2.4.6, onnx==1.21.0, onnxruntime==1.31.1.
"""
import itertools

import numpy as np

from operators import case, data, i64, random, write


def recurrent():
    def layer(kind, directions=1, batch=2, steps=4, bias=True, lengths=None, states=(), peepholes=False,
              **attributes):
        gates, hidden, width = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind], 3, 4
        inputs = [data(steps, batch, width), data(directions, gates * hidden, width),
                  data(directions, gates * hidden, hidden),
                  data(directions, 2 * gates * hidden) if bias else None,
                  None if lengths is None else np.array(lengths, np.int32)]
        inputs += [data(directions, batch, hidden) if name in states else None for name in "hc"]
        if peepholes:
            inputs.append(data(directions, 3 * hidden))
        while inputs[-1] is None:
            inputs.pop()
        if kind != "LSTM":
            inputs = inputs[:6]
        return case(kind, inputs, outputs=3 if kind == "LSTM" else 2, hidden_size=hidden, **attributes)

    for kind in ("RNN", "GRU", "LSTM"):
        for direction in ("forward", "reverse", "bidirectional"):
            directions = 2 if direction == "bidirectional" else 1
            yield layer(kind, directions, direction=direction)
            yield layer(kind, directions, lengths=[3, 1], states="hc", direction=direction)
        yield layer(kind, bias=False, clip=0.4)
    for direction, directions in [("forward", 1), ("bidirectional", 2)]:
        yield layer("GRU", directions, linear_before_reset=1, lengths=[2, 4], states="h",
                    direction=direction)
        yield layer("LSTM", directions, peepholes=True, states="hc", direction=direction)
        yield layer("LSTM", directions, input_forget=1, direction=direction)
    for word in ("Relu", "HardSigmoid", "LeakyRelu", "Elu", "Softsign", "Softplus", "ScaledTanh",
                 "ThresholdedRelu", "Affine"):
        extra = {"LeakyRelu": dict(activation_alpha=[0.25]), "Elu": dict(activation_alpha=[0.5]),
                 "ScaledTanh": dict(activation_alpha=[0.75], activation_beta=[0.5]),
                 "ThresholdedRelu": dict(activation_alpha=[0.5]),
                 "Affine": dict(activation_alpha=[0.5], activation_beta=[0.25]),
                 "HardSigmoid": dict(activation_alpha=[0.25], activation_beta=[0.5])}
        yield layer("RNN", activations=[word], **extra.get(word, {}))


def indexing():
    x = data(3, 4, 2)
    for axis, largest, k in [(0, 1, 2), (1, 0, 3), (-1, 1, 1), (1, 1, 4)]:
        yield case("TopK", [x, i64(k)], outputs=2, axis=axis, largest=largest)
    flat = data(4, 5)
    places = np.array([[0, 3, 1, 2, 0], [2, 2, 0, 1, 3]], np.int64)
    updates = data(2, 5)
    for reduction in ("none", "add", "mul", "max", "min"):
        single = places if reduction != "none" else np.array([[0, 3, 1, 2, 0], [2, 1, 0, 3, 1]], np.int64)
        yield case("ScatterElements", [flat, single, updates], reduction=reduction)
        tuples = np.array([[0, 1], [3, 4], [0, 1] if reduction != "none" else [2, 2]], np.int64)
        yield case("ScatterND", [flat, tuples, data(3)], reduction=reduction)
        yield case("ScatterND", [flat, tuples[:2, :1], data(2, 5)], reduction=reduction)
    yield case("GatherElements", [flat, np.array([[0, 4], [-1, 2]], np.int64)], axis=1)
    yield case("GatherND", [x, np.array([[[1], [0]], [[3], [-2]], [[2], [2]]], np.int64)], batch_dims=1)
    yield case("GatherND", [x, np.array([[2, 1, 0], [0, -1, 1]], np.int64)])
    for exclusive, reverse in itertools.product((0, 1), (0, 1)):
        yield case("CumSum", [x, np.array(1, np.int64)], exclusive=exclusive, reverse=reverse)
    for upper, k in itertools.product((0, 1), (-2, 0, 1)):
        yield case("Trilu", [x, np.array(k, np.int64)], upper=upper)
    yield case("ReverseSequence", [data(4, 3, 2), i64(1, 4, 2)], time_axis=0, batch_axis=1)
    yield case("ReverseSequence", [data(3, 4, 2), i64(1, 4, 2)], time_axis=1, batch_axis=0)
    yield case("OneHot", [i64(0, -1, 5, 2), np.array(3, np.int64), np.array([0.5, 2], np.float32)])
    yield case("Compress", [x, np.array([True, False, True, True])], axis=1)
    for axis in (0, 1, -1):
        for last in (0, 1):
            yield case("ArgMin", [np.round(x), ], axis=axis, select_last_index=last, keepdims=0)
    yield case("Col2Im", [data(1, 8, 6), i64(3, 4), i64(2, 2)], pads=[0, 1, 0, 0], dilations=[1, 2])


def sampling():
    image, grid = data(2, 2, 4, 5), (random.integers(-14, 15, (2, 3, 4, 2)) / 10).astype(np.float32)
    for mode, padding, align in itertools.product(
            ("linear", "nearest", "cubic"), ("zeros", "border", "reflection"), (0, 1)):
        yield case("GridSample", [image, grid], mode=mode, padding_mode=padding, align_corners=align)
    volume = data(1, 1, 3, 4, 2)
    places = (random.integers(-14, 15, (1, 2, 2, 2, 3)) / 10).astype(np.float32)
    for padding in ("zeros", "border", "reflection"):
        yield case("GridSample", [volume, places], padding_mode=padding)
    yield case("AffineGrid", [data(2, 2, 3), i64(2, 1, 3, 4)])
    yield case("AffineGrid", [data(1, 3, 4), i64(1, 1, 2, 3, 2)], align_corners=1)
    shrunk = data(1, 1, 9, 7)
    for mode in ("linear", "cubic"):
        for outside in (0, 1):
            yield case("Resize", [shrunk, None, None, i64(1, 1, 4, 3)], mode=mode, antialias=1,
                       exclude_outside=outside)
        yield case("Resize", [shrunk, None, np.array([1, 1, 0.4, 1.5], np.float32)], mode=mode, antialias=1)
    region = np.array([0, 0, 0.2, -0.1, 1, 1, 0.9, 1.2], np.float32)
    for mode in ("linear", "nearest"):
        yield case("Resize", [shrunk, region, None, i64(1, 1, 4, 6)], mode=mode,
                   coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=3.5)


def integers():
    def whole(dtype, *shape):
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max + 1, shape).astype(dtype)

    for left, right in itertools.product((np.uint8, np.int8), repeat=2):
        a, b = whole(left, 3, 5), whole(right, 5, 4)
        yield case("MatMulInteger", [a, b, left(7), right(3)])
        if right is np.int8 or left is np.uint8:
            yield case("QLinearMatMul", [a, np.float32(0.03), left(7), b, np.float32(0.02), right(3),
                                         np.float32(0.4), left(100)])
    yield case("MatMulInteger", [whole(np.uint8, 2, 3, 4), whole(np.int8, 4, 2)])
    yield case("QLinearMatMul", [whole(np.uint8, 2, 3), np.float32(0.03), np.uint8(9), whole(np.int8, 3, 4),
                                 np.array([0.01, 0.02, 0.03, 0.04], np.float32), np.zeros(4, np.int8),
                                 np.float32(0.2), np.uint8(120)])
    image, weights = whole(np.uint8, 1, 4, 5, 6), whole(np.int8, 6, 2, 3, 3)
    yield case("ConvInteger", [image, whole(np.uint8, 2, 4, 2, 3), np.uint8(130)], strides=[2, 1])
    for group, w in [(2, weights), (1, whole(np.int8, 3, 4, 2, 2)), (4, whole(np.int8, 4, 1, 3, 3))]:
        count = w.shape[0]
        scales = (random.integers(1, 9, count) / 400).astype(np.float32)
        yield case("QLinearConv", [image, np.float32(0.05), np.uint8(121), w, scales, np.zeros(count, np.int8),
                                   np.float32(0.3), np.uint8(110), random.integers(-500, 500, count).astype(np.int32)],
                   group=group, pads=[1, 0, 1, 1])
    for values in [data(3, 4), np.abs(data(6)) + 1, -np.abs(data(6)) - 1, np.zeros(3, np.float32)]:
        yield case("DynamicQuantizeLinear", [values], outputs=3)


def einsum():
    for equation, shapes in [
            ("ij,jk", [(2, 3), (3, 4)]), ("bhid,bhjd->bhij", [(1, 2, 3, 4), (1, 2, 5, 4)]),
            ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("i,j->ji", [(2,), (3,)]),
            ("...ij,...j->...i", [(2, 3, 4), (1, 4)]), ("ijk->kj", [(2, 3, 4)]),
            ("abc,cd,de->abe", [(2, 1, 3), (3, 2), (2, 4)])]:
        yield case("Einsum", [data(*shape) for shape in shapes], equation=equation)


if __name__ == "__main__":
    for family in [recurrent, indexing, sampling, integers, einsum]:
        write(family.__name__, list(family()))
