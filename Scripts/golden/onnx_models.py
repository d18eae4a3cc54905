#!/usr/bin/env python3
"""Writes the models that the tests of PithONNX read, into Tests/PithONNXTests/Fixtures.

Each NAME.onnx is one operator in the form of one operator set, or one peculiarity of the format.
Next to most of them lies NAME.test_data_set_0 with inputs and ONNX Runtime's outputs for them, in
the ONNX test format. Scripts/check-onnx.py compares a model with what Pith made of it.

Needs: onnx==1.21.0 onnxruntime==1.31.1 numpy==2.4.6
"""
import os
import shutil

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../Tests/PithONNXTests/Fixtures"
)
onnxruntime.set_default_logger_severity(4)
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
generator = np.random.default_rng(7)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def node(kind, inputs, outputs, **attributes):
    """Inputs and outputs as words in one string; `_` is one left out."""
    names = [["" if word == "_" else word for word in text.split()] for text in (inputs, outputs)]
    return helper.make_node(kind, *names, name=attributes.pop("name", kind.lower()), **attributes)


def model(nodes, inputs, outputs, weights=(), opset=21, ir=8, **parts):
    graph = helper.make_graph(
        nodes, parts.pop("graph_name", "fixture"), inputs, outputs, list(weights),
        value_info=parts.pop("value_info", []))
    imports = [helper.make_opsetid("", opset)] + parts.pop("imports", [])
    return helper.make_model(
        graph, ir_version=ir, opset_imports=imports, producer_name="golden", **parts)


def save(name, network, inputs=None, run=True, check=True):
    """`inputs` are arrays in the order of the model's inputs."""
    if check:
        onnx.checker.check_model(network, full_check=True)
    path = os.path.join(FOLDER, name + ".onnx")
    with open(path, "wb") as file:
        file.write(network.SerializeToString(deterministic=True))
    if not run:
        return
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    folder = os.path.join(FOLDER, name + ".test_data_set_0")
    os.makedirs(folder)
    inputs = [np.asarray(array) for array in inputs]
    outputs = session.run(None, dict(zip([i.name for i in session.get_inputs()], inputs)))
    for kind, infos, arrays in (
        ("input", session.get_inputs(), inputs), ("output", session.get_outputs(), outputs)
    ):
        for index, (info, array) in enumerate(zip(infos, arrays)):
            with open(os.path.join(folder, f"{kind}_{index}.pb"), "wb") as file:
                tensor = numpy_helper.from_array(np.asarray(array), info.name)
                file.write(tensor.SerializeToString(deterministic=True))


def floats(*shape):
    return generator.standard_normal(shape).astype(np.float32)


def single(name, opset, kind, shape, attributes=None, weights=(), inputs="x", outputs="y",
           output_types=(), check=True):
    """One node on one input `x`; ranks that inference does not tell are found by running it."""
    weights = [constant(key, array) for key, array in weights]
    infos = [value(word, None) for word in outputs.split() if word != "_"]
    for info, element in zip(infos, output_types):
        info.type.tensor_type.elem_type = element
    network = model(
        [node(kind, inputs, outputs, **(attributes or {}))], [value("x", shape)], infos, weights,
        opset, ir=7)
    sizes = [size if isinstance(size, int) else 2 for size in shape]
    network = onnx.shape_inference.infer_shapes(network)
    data = floats(*sizes)
    session = onnxruntime.InferenceSession(network.SerializeToString())
    for info, array in zip(network.graph.output, session.run(None, {"x": data})):
        if not info.type.tensor_type.HasField("shape"):
            element = info.type.tensor_type.elem_type
            info.CopyFrom(value(info.name, [None] * array.ndim, element))
    save(f"{name}-{opset}", network, [data], check=check)


def forms():
    """Every operator whose form has changed, in each of its forms."""
    single("clip", 9, "Clip", ["N", 3], {"min": -0.5, "max": 0.5})
    single("clip-lower", 9, "Clip", ["N", 3], {"min": 0.0})
    single("clip", 11, "Clip", ["N", 3], weights=[("low", np.float32(-0.5))], inputs="x low")
    single("dropout", 7, "Dropout", ["N", 3], {"ratio": 0.25})
    single("dropout", 10, "Dropout", ["N", 3], outputs="y mask",
           output_types=[FLOAT, BOOL])
    single("pad-constant", 9, "Pad", ["N", 3], {"pads": [0, 1, 2, 0], "value": 1.5})
    single("pad-reflect", 9, "Pad", ["N", 4], {"pads": [0, 1, 0, 2], "mode": "reflect"})
    single("slice", 9, "Slice", ["N", 6], {"starts": [1], "ends": [1 << 62], "axes": [1]})
    single("slice-all", 7, "Slice", [4, 6], {"starts": [1, -3], "ends": [3, 5]})
    single("split", 11, "Split", [2, 6], {"axis": 1, "split": [4, 2]}, outputs="y z")
    single("split-even", 9, "Split", [2, 6], {"axis": 1}, outputs="y z")
    single("split-even", 13, "Split", [2, 6], {"axis": 1}, outputs="y z w")
    single("squeeze", 11, "Squeeze", ["N", 1, 3, 1], {"axes": [1, 3]})
    single("squeeze-all", 9, "Squeeze", [1, 3, 1])
    single("unsqueeze", 11, "Unsqueeze", ["N", 3], {"axes": [0, 2]})
    single("reduce-sum", 11, "ReduceSum", ["N", 3, 4], {"axes": [2], "keepdims": 0})
    for kind in ("Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp"):
        single(f"reduce-{kind.lower()}", 13, f"Reduce{kind}", ["N", 3, 4], {"axes": [1]})
    single("reduce-mean-all", 11, "ReduceMean", [2, 3, 4], {"keepdims": 0})
    single("top-k", 9, "TopK", ["N", 6], {"k": 2}, outputs="y places", output_types=[FLOAT, INT64])
    single("softmax-last", 9, "Softmax", ["N", 5])
    single("softmax-matrix", 11, "Softmax", [2, 3, 4])
    single("softmax-matrix-open", 9, "Softmax", ["N", 3, "M"], {"axis": 1})
    single("softmax-pooled", 9, "Softmax", ["N", 5, 1, 1])
    single("log-softmax-rows", 11, "LogSoftmax", [2, 3, 4], {"axis": 0})
    single("hardmax-matrix", 11, "Hardmax", [2, 3, 4])
    single("upsample-nearest", 7, "Upsample", ["N", 2, 3, 4], {"scales": [1.0, 1.0, 2.0, 2.0]})
    single("upsample-linear", 9, "Upsample", [1, 2, 3, 4], {"mode": "linear"},
           weights=[("scales", np.float32([1, 1, 2, 2]))], inputs="x scales")
    for name, factor in (("up", 2.5), ("down", 0.6)):
        single(f"resize-{name}", 10, "Resize", [1, 1, 5, 5], {"mode": "nearest"},
               weights=[("scales", np.float32([1, 1, factor, factor]))], inputs="x scales")
    single("resize-linear", 10, "Resize", [1, 1, 5, 5], {"mode": "linear"},
           weights=[("scales", np.float32([1, 1, 1.6, 1.6]))], inputs="x scales")
    single("resize-sizes", 11, "Resize", [1, 1, 5, 5],
           {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
           weights=[("roi", np.float32([])), ("scales", np.float32([])),
                    ("sizes", np.int64([1, 1, 7, 3]))], inputs="x roi scales sizes")
    single("resize-tensorflow", 11, "Resize", [1, 1, 5, 5],
           {"mode": "nearest", "nearest_mode": "floor",
            "coordinate_transformation_mode": "tf_half_pixel_for_nn"},
           weights=[("roi", np.float32([])), ("scales", np.float32([1, 1, 1.7, 2.3]))],
           inputs="x roi scales")
    single("scatter", 9, "Scatter", [3, 3], {"axis": 1},
           weights=[("places", np.int64([[0], [2], [1]])), ("new", floats(3, 1))],
           inputs="x places new")
    single("grid-sample", 16, "GridSample", [1, 1, 3, 3], {"mode": "bilinear"},
           weights=[("grid", generator.uniform(-1, 1, (1, 2, 2, 2)).astype(np.float32))],
           inputs="x grid")
    single("roi-align", 10, "RoiAlign", [1, 1, 6, 6], {"output_height": 2, "output_width": 2},
           weights=[("rois", np.float32([[0, 0, 4, 4]])), ("batch", np.int64([0]))],
           inputs="x rois batch")
    statistics = [(key, np.abs(floats(3)) + 0.5) for key in ("scale", "bias", "mean", "variance")]
    single("batch-norm", 7, "BatchNormalization", ["N", 3, 2, 2], {"epsilon": 1e-3},
           weights=statistics, inputs="x scale bias mean variance")
    single("batch-norm", 9, "BatchNormalization", ["N", 3, 2, 2], {"momentum": 0.8},
           weights=statistics, inputs="x scale bias mean variance")
    single("group-norm", 18, "GroupNormalization", ["N", 4, 2, 2], {"num_groups": 2},
           weights=[("scale", floats(2)), ("bias", floats(2))], inputs="x scale bias",
           check=False)


def network(opset, ir):
    """A small convolutional network as exporters of the time wrote it."""
    weights = [
        constant("conv.weight", floats(4, 1, 3, 3)), constant("conv.bias", floats(4)),
        constant("bn.scale", np.abs(floats(4)) + 0.5), constant("bn.bias", floats(4)),
        constant("bn.mean", floats(4)), constant("bn.variance", np.abs(floats(4)) + 0.5),
        constant("fc.weight", floats(3, 16)), constant("fc.bias", floats(3)),
        constant("unused", floats(2)),
    ]
    nodes = [
        node("Conv", "image conv.weight conv.bias", "a", pads=[1, 1, 1, 1], name=""),
        node("BatchNormalization", "a bn.scale bn.bias bn.mean bn.variance", "b", name="bn"),
        node("Relu", "b", "c", doc_string="the first activation"),
        node("MaxPool", "c", "d", kernel_shape=[2, 2], strides=[2, 2]),
        node("Constant", "", "two", value=constant("", np.float32(2.0))),
        node("Mul", "d two", "e"),
        node("Flatten", "e", "f"),
        node("Gemm", "f fc.weight fc.bias", "scores", transB=1),
        node("Softmax", "scores", "probabilities"),
    ]
    inputs = [value("image", ["batch", 1, 4, 4])]
    if ir < 4:
        inputs += [value(weight.name, list(weight.dims)) for weight in weights]
    result = model(
        nodes, inputs, [value("probabilities", ["batch", 3])], weights, opset, ir,
        doc_string="a fixture", model_version=3, domain="example.org", graph_name="tiny")
    helper.set_model_props(result, {"author": "somebody", "labels": "a,b,c"})
    save(f"network-{opset}", result, [floats(2, 1, 4, 4)])


def branches(opset):
    """If with values from outside and, up to set 12, a form inside that has changed since."""
    squeeze = (
        [node("Squeeze", "outer", "inner", axes=[0])] if opset < 13
        else [node("Squeeze", "outer axes", "inner")])
    then = helper.make_graph(
        squeeze + [node("Mul", "inner factor", "t")], "then", [], [value("t", [3])])
    other = helper.make_graph(
        [node("Constant", "", "zeros", value=constant("", np.zeros(3, np.float32)), name="c"),
         node("Identity", "zeros", "o")], "else", [], [value("o", [3])])
    nodes = [
        node("Relu", "x", "outer"),
        node("If", "flag", "chosen", then_branch=then, else_branch=other),
        node("Add", "chosen chosen", "y"),
    ]
    save(f"if-{opset}", model(
        nodes, [value("flag", [], BOOL), value("x", [1, 3])], [value("y", [3])],
        [constant("factor", floats(3)), constant("axes", np.int64([0]))], opset),
        [np.array(True), floats(1, 3)])


def loop():
    """Loop whose body reads a weight and a value of the graph around it."""
    body = helper.make_graph(
        [node("Add", "state step", "sum"), node("Mul", "sum outer", "next"),
         node("Identity", "go", "again")],
        "body", [value("i", [], INT64), value("go", [], BOOL), value("state", [2])],
        [value("again", [], BOOL), value("next", [2])])
    nodes = [
        node("Relu", "x", "outer"),
        node("Loop", "count _ x", "last", body=body),
        node("Relu", "last", "y", name="final"),
    ]
    save("loop-13", model(
        nodes, [value("x", [2])], [value("y", [2])],
        [constant("step", floats(2)), constant("count", np.int64(3))], 13), [floats(2)])


def functions():
    """A function of the file's own, and an operator of ONNX Runtime's."""
    double = helper.make_function(
        "local", "Double", ["a"], ["b"],
        [node("Constant", "", "two", value=constant("", np.float32(2))), node("Mul", "a two", "b")],
        [helper.make_opsetid("", 17)])
    network = model(
        [helper.make_node("Double", ["x"], ["d"], name="double", domain="local"),
         node("Softmax", "d", "y")],
        [value("x", ["N", 3])], [value("y", ["N", 3])], opset=17,
        imports=[helper.make_opsetid("local", 1)], functions=[double])
    save("function-17", network, [floats(2, 3)])
    network = model(
        [helper.make_node("FusedGemm", ["x", "w"], ["g"], name="fused", domain="com.microsoft",
                          activation="Relu"),
         helper.make_node("Relu", ["g"], ["y"], name="relu")],
        [value("x", ["N", 3])], [value("y", ["N", 2])], [constant("w", floats(3, 2))], opset=13,
        value_info=[value("g", ["N", 2])], imports=[helper.make_opsetid("com.microsoft", 1)])
    save("foreign-13", network, [floats(2, 3)])


def types():
    """A pair of weights of every element type, NAME.raw and NAME.typed, with equal elements."""
    numbers = np.array([1, 0, 3, 7, 5], np.float32)
    weights = []
    for name in ("FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE", "INT8", "UINT8", "INT16", "UINT16",
                 "INT32", "UINT32", "INT64", "UINT64", "INT4", "UINT4", "BOOL"):
        kind = getattr(TensorProto, name)
        array = numbers.astype(helper.tensor_dtype_to_np_dtype(kind))
        raw = numpy_helper.from_array(array, name + ".raw")
        typed = helper.make_tensor(name + ".typed", kind, [5], list(array))
        weights += [raw, typed]
    weights.append(helper.make_tensor("STRING.typed", TensorProto.STRING, [2], [b"one", b"two"]))
    nodes = [node("Identity", w.name, w.name + ".out", name=w.name) for w in weights]
    outputs = [value(w.name + ".out", list(w.dims), w.data_type) for w in weights]
    save("types-21", model(nodes, [], outputs, weights, 21, ir=10), run=False)

    nodes = [
        node("Constant", "", "a", value_float=1.5, name="c0"),
        node("Constant", "", "b", value_floats=[1.0, 2.0], name="c1"),
        node("Constant", "", "c", value_int=3, name="c2"),
        node("Constant", "", "d", value_ints=[4, 5], name="c3"),
        node("Constant", "", "e", value_string=b"word", name="c4"),
        node("Constant", "", "f", value_strings=[b"one", b"two"], name="c5"),
        node("Constant", "", "g", name="c6", sparse_value=helper.make_sparse_tensor(
            constant("v", np.float32([7, 8])), constant("i", np.int64([[0, 1], [1, 2]])), [2, 3])),
        node("Constant", "", "h", name="c7", sparse_value=helper.make_sparse_tensor(
            constant("v", np.int64([9])), constant("i", np.int64([3])), [5])),
    ]
    kinds = {"a": (FLOAT, []), "b": (FLOAT, [2]), "c": (INT64, []), "d": (INT64, [2]),
             "e": (TensorProto.STRING, []), "f": (TensorProto.STRING, [2]), "g": (FLOAT, [2, 3]),
             "h": (INT64, [5])}
    nodes += [node("Identity", key, key + ".out", name=key) for key in kinds]
    outputs = [value(key + ".out", shape, kind) for key, (kind, shape) in kinds.items()]
    save("constants-13", model(nodes, [], outputs, opset=13), run=False)


def oddities():
    """What is legal and rare."""
    save("unsorted-13", model(
        [node("Relu", "b", "y", name="third"), node("Neg", "a", "b", name="second"),
         node("Abs", "x", "a", name="first")],
        [value("x", [2])], [value("y", [2])], opset=13), run=False, check=False)
    save("passing-13", model(
        [node("Relu", "x", "y")], [value("x", [2])],
        [value("y", [2]), value("x", [2]), value("w", [2])], [constant("w", floats(2))], 13),
        [floats(2)])
    sequence = helper.make_tensor_sequence_value_info("s", FLOAT, ["N", 2])
    save("sequence-13", model(
        [node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s place", "y")],
        [value("x", ["N", 2])], [value("y", ["N", 2])], [constant("place", np.int64(1))], 13,
        value_info=[sequence]), [floats(2, 2)])
    save("newer-23", model(
        [node("Relu", "x", "y"), node("RMSNormalization", "y scale", "z")],
        [value("x", [2, 3])], [value("z", [2, 3])], [constant("scale", floats(3))], 23, ir=11),
        run=False)

    network = model(
        [node("MatMul", "x w", "a"), node("Add", "a b", "y")],
        [value("x", ["N", 8])], [value("y", ["N", 40])],
        [constant("w", floats(8, 40)), constant("b", floats(40))], 13)
    path = os.path.join(FOLDER, "external-13.onnx")
    onnx.save_model(network, path, save_as_external_data=True, location="external-13.data",
                    size_threshold=0)


shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)
forms()
for opset, ir in ((7, 3), (9, 4), (11, 6), (13, 7), (18, 8), (21, 10)):
    network(opset, ir)
for opset in (11, 13, 21):
    branches(opset)
loop()
functions()
types()
oddities()
