#!/usr/bin/env python3
"""Writes Tests/PithTensorsTests/Fixtures/conversions.json: element types as NumPy converts them.

Needs numpy==2.4.6, ml_dtypes (bfloat16, int4).
"""
import json
import pathlib

import ml_dtypes
import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithTensorsTests/Fixtures"
OUT.mkdir(parents=True, exist_ok=True)

random = np.random.default_rng(1)
edges = np.array(
    [0, -0.0, 1, -1, 1 / 3, 65504, 65519.99, 65520, 1e6, 6.1e-5, 6.09e-5, 5.96e-8, 2.98e-8, 2.99e-8,
     1e-10, 1 + 2**-11, 1 + 3 * 2**-11, 2049, 2051, 3.3895e38, np.inf, -np.inf, 1e-40],
    dtype=np.float32)
scaled = (random.standard_normal(200) * 10.0 ** random.integers(-8, 6, 200)).astype(np.float32)
floats = np.concatenate([edges, scaled])
halves = np.concatenate([
    np.array([0, 1, 2, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0x8000, 0x8001, 0xFC00], np.uint16),
    random.integers(0, 0x7C00, 100).astype(np.uint16)])
whole = np.array([0, 1, -1, 7, -8, 8, 127, 128, -128, -129, 255, 256, 300, -300, 65535, 65536, 2**31,
                  -2**31, 2**40 + 5], np.int64)
plain = np.array([0.0, -0.5, 0.9, 1.5, -1.5, 2.5, 100.99, -100.99], np.float32)

with np.errstate(over="ignore"):
    golden = {
        "floatBits": floats.view(np.uint32).tolist(),
        "halfBits": floats.astype(np.float16).view(np.uint16).tolist(),
        "brainBits": floats.astype(ml_dtypes.bfloat16).view(np.uint16).tolist(),
        "halves": halves.tolist(),
        "halfFloatBits": halves.view(np.float16).astype(np.float32).view(np.uint32).tolist(),
        "brainFloatBits":
            halves.view(ml_dtypes.bfloat16).astype(np.float32).view(np.uint32).tolist(),
        "whole": whole.tolist(),
        "wrapped": {
            name: whole.astype(name).astype(np.int64).tolist()
            for name in ["int8", "uint8", "int16", "uint16", "int32", "uint32"]},
        "wrapped4": {
            "int4": whole.astype(np.int8).astype(ml_dtypes.int4).astype(np.int64).tolist(),
            "uint4": whole.astype(np.uint8).astype(ml_dtypes.uint4).astype(np.int64).tolist()},
        "plain": plain.tolist(),
        "truncated": plain.astype(np.int32).tolist(),
        "nonzero": (plain != 0).astype(int).tolist(),
        "broadcasts": [
            {"left": list(a), "right": list(b), "result": list(np.broadcast_shapes(a, b))}
            for a, b in [((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1, 4), (5, 1)), ((1,), (0,)),
                         ((8, 1, 6, 1), (7, 1, 5))]],
    }
(OUT / "conversions.json").write_text(json.dumps(golden) + "\n")
