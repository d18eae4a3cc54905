"""Networks made for measuring: fully connected ones of any size, residual ones of any depth."""

import os

LAYERS = 16


def dense(folder, megabytes):
    """A network of 16 square layers whose weights lie in a file beside it, and data for it: samples
    with the classes that the network itself gives them. Made once."""
    import numpy
    from onnx import TensorProto, helper, save

    width = max(8, int((megabytes * 2**20 / 4 / LAYERS) ** 0.5) // 8 * 8)
    path = os.path.join(folder, f"dense-{megabytes}.onnx")
    data = os.path.join(folder, f"dense-{megabytes}.npz")
    if os.path.exists(data):
        return path, data
    random = numpy.random.default_rng(1)
    samples = random.normal(0, 1, (64, width)).astype(numpy.float32)
    values, nodes, tensors, offset = samples, [], [], 0
    location = os.path.basename(path) + ".data"
    with open(path + ".data", "wb") as file:
        for layer in range(LAYERS):
            weight = random.normal(0, (2 / width) ** 0.5, (width, width)).astype(numpy.float32)
            weight.tofile(file)
            tensor = TensorProto(
                name=f"weight{layer}", data_type=TensorProto.FLOAT, dims=weight.shape,
                data_location=TensorProto.EXTERNAL)
            for key, value in (
                ("location", location), ("offset", offset), ("length", weight.nbytes)):
                tensor.external_data.add(key=key, value=str(value))
            tensors.append(tensor)
            offset += weight.nbytes
            source = f"rectified{layer - 1}" if layer else "input"
            nodes.append(
                helper.make_node("Gemm", [source, tensor.name], [f"product{layer}"], transB=1))
            nodes.append(helper.make_node("Relu", [f"product{layer}"], [f"rectified{layer}"]))
            values = values @ weight.T
            classes = values.argmax(1)
            values = numpy.maximum(values, 0)
    port = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes[:-1], "dense", [port("input", TensorProto.FLOAT, ["N", width])],
        [port(f"product{LAYERS - 1}", TensorProto.FLOAT, ["N", width])], tensors)
    save(model(graph), path)
    numpy.savez(data, x_train=samples, y_train=classes.astype(numpy.int32))
    return path, data


def resnet(folder, depth, classes=10):
    """The residual network of a depth (6 n + 2) for 32x32 images, with projected shortcuts."""
    import numpy
    from onnx import TensorProto, helper, numpy_helper, save

    random, nodes, tensors = numpy.random.default_rng(1), [], []

    def weight(name, values):
        tensors.append(numpy_helper.from_array(values.astype(numpy.float32), name))
        return name

    def convolution(source, name, inputs, outputs, kernel, stride):
        values = random.normal(
            0, (2 / (inputs * kernel * kernel)) ** 0.5, (outputs, inputs, kernel, kernel))
        pad = kernel // 2
        nodes.append(helper.make_node(
            "Conv", [source, weight(name + ".weight", values)], [name], name,
            kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[pad] * 4))
        parts = [(".scale", 1), (".bias", 0), (".mean", 0), (".variance", 1)]
        names = [weight(name + part, numpy.full(outputs, value)) for part, value in parts]
        nodes.append(helper.make_node(
            "BatchNormalization", [name, *names], [name + ".normal"], name + ".normal"))
        return name + ".normal"

    def node(operator, sources, name):
        nodes.append(helper.make_node(operator, sources, [name], name))
        return name

    x = node("Relu", [convolution("input", "first", 3, 16, 3, 1)], "first.relu")
    channels = 16
    for stage, outputs in enumerate((16, 32, 64)):
        for index in range((depth - 2) // 6):
            name = f"stage{stage}.{index}"
            stride = 2 if stage and not index else 1
            y = node("Relu", [convolution(x, name + ".a", channels, outputs, 3, stride)], name + ".r")
            y = convolution(y, name + ".b", outputs, outputs, 3, 1)
            if channels != outputs:
                x = convolution(x, name + ".short", channels, outputs, 1, stride)
            x = node("Relu", [node("Add", [y, x], name + ".sum")], name + ".out")
            channels = outputs
    x = node("Flatten", [node("GlobalAveragePool", [x], "average")], "flat")
    last = weight("last.weight", random.normal(0, channels**-0.5, (classes, channels)))
    nodes.append(helper.make_node(
        "Gemm", [x, last, weight("last.bias", numpy.zeros(classes))], ["scores"], "last", transB=1))
    port = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, f"resnet{depth}", [port("input", TensorProto.FLOAT, ["N", 3, 32, 32])],
        [port("scores", TensorProto.FLOAT, ["N", classes])], tensors)
    path = os.path.join(folder, f"resnet{depth}.onnx")
    save(model(graph), path)
    return path


def model(graph):
    from onnx import helper

    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def images(folder, count, side=32, classes=10):
    """Random bytes with random classes, made once."""
    import numpy

    random = numpy.random.default_rng(1)
    path = os.path.join(folder, f"images-{side}-{count}.npz")
    if not os.path.exists(path):
        numpy.savez(
            path,
            x_train=random.integers(0, 256, (count, 3, side, side), numpy.uint8),
            y_train=random.integers(0, classes, count).astype(numpy.int32),
        )
    return path
