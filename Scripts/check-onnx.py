#!/usr/bin/env python3
"""Checks ONNX files that Pith wrote against the ones it read.

    check-onnx.py ORIGINAL WRITTEN [ORIGINAL WRITTEN ...]

Each WRITTEN must pass onnx.checker with full type inference and give the outputs of ORIGINAL in
ONNX Runtime: on ORIGINAL's `.test_data_set_0` folder where there is one, otherwise on random inputs
of the declared shapes (named dimensions taken as 2).

The round-trip tests keep what they write when asked to:

    mkdir /tmp/written
    PITH_ROUND_TRIP=/tmp/written swift test -c release --filter RoundTripTests
    cd Tests/PithONNXTests/Fixtures
    for model in *.onnx; do ../../../Scripts/check-onnx.py $model /tmp/written/$model; done

Needs: onnx==1.21.0 onnxruntime numpy
"""
import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

onnxruntime.set_default_logger_severity(4)


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def stored_inputs(path, names):
    folder = os.path.splitext(path)[0] + ".test_data_set_0"
    tensors = []
    for index in range(len(glob.glob(os.path.join(folder, "input_*.pb")))):
        tensor = onnx.TensorProto()
        with open(os.path.join(folder, f"input_{index}.pb"), "rb") as file:
            tensor.ParseFromString(file.read())
        tensors.append(numpy_helper.to_array(tensor))
    return dict(zip(names, tensors)) if tensors else None


def random_inputs(network, generator):
    result = {}
    for value in network.get_inputs():
        shape = [size if isinstance(size, int) and size > 0 else 2 for size in value.shape]
        if value.type == "tensor(bool)":
            result[value.name] = generator.random(shape) < 0.5
        elif value.type == "tensor(string)":
            result[value.name] = np.full(shape, "text", dtype=object)
        elif value.type in ("tensor(float)", "tensor(double)", "tensor(float16)"):
            kind = {"float": "f4", "double": "f8", "float16": "f2"}[value.type[7:-1]]
            result[value.name] = generator.standard_normal(shape).astype(kind)
        else:
            result[value.name] = generator.integers(0, 3, shape).astype(value.type[7:-1])
    return result


def check(original, written):
    onnx.checker.check_model(written, full_check=True)
    before, after = session(original), session(written)
    names = [value.name for value in before.get_inputs()]
    if names != [value.name for value in after.get_inputs()]:
        return "the inputs' names differ"
    if [o.name for o in before.get_outputs()] != [o.name for o in after.get_outputs()]:
        return "the outputs' names differ"
    if [v.shape for v in before.get_inputs()] != [v.shape for v in after.get_inputs()]:
        return "the inputs' shapes differ"
    inputs = stored_inputs(original, names)
    if inputs is None:
        inputs = random_inputs(before, np.random.default_rng(1))
    for name, a, b in zip(
        [o.name for o in before.get_outputs()], before.run(None, inputs), after.run(None, inputs)
    ):
        a, b = np.asarray(a), np.asarray(b)
        if a.dtype != b.dtype or a.shape != b.shape:
            return f"output {name} is {b.dtype}{b.shape}, not {a.dtype}{a.shape}"
        if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            return f"output {name} differs"
    return None


failures = 0
for original, written in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        problem = check(original, written)
    except Exception as error:
        problem = f"{type(error).__name__}: {str(error)[:400]}"
    print(f"{os.path.basename(original)}: {problem or 'equal'}")
    failures += problem is not None
sys.exit(1 if failures else 0)
