"""Latency of ResNet-20, MobileNetV1 0.75 and EfficientNet-Lite0 in float32 and int8: `pith profile`
against ONNX Runtime, A B A B ...

The int8 networks are made by ONNX Runtime's quantize_static (per-channel weights, min-max ranges), with
unsigned and with signed activations; each round takes the faster of the two of ONNX Runtime, and ours
runs the first. A figure is the median of a round's runs, after warming up; a ratio is of the two
figures of one round; printed are the medians of the ratios. All optimizations of ONNX Runtime are on.
Arguments: rounds (default 5), threads (default 2).
"""

import os
import statistics
import sys
import time

import benchmark

NETWORKS = {
    "resnet20": ("cifar10/resnet20_cifar10jpeg_ft.onnx", (3, 32, 32)),
    "mobilenet_v1_0.75": ("imagenet/mobilenet_v1_0.75_224.onnx", (3, 224, 224)),
    "efficientnet_lite0": ("imagenet/efficientnet_lite0.onnx", (3, 224, 224)),
}


def images(shape, count):
    import numpy

    return numpy.random.default_rng(1).normal(0, 0.6, (count, *shape)).astype(numpy.float32)


def quantized(model, shape, folder, name, signed):
    """The network quantized by ONNX Runtime, made once."""
    target = os.path.join(folder, f"{name}-{'s8' if signed else 'u8'}.onnx")
    if os.path.exists(target):
        return target
    import onnx
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        def __init__(self, key):
            self.samples = iter({key: image[None]} for image in images(shape, 16))

        def get_next(self):
            return next(self.samples, None)

    folded = os.path.join(folder, f"{name}-folded.onnx")
    fold(model, folded)
    key = onnx.load(folded).graph.input[0].name
    kind = quantization.QuantType.QInt8 if signed else quantization.QuantType.QUInt8
    quantization.quantize_static(
        folded, target, Reader(key), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=kind, weight_type=quantization.QuantType.QInt8)
    return target


def fold(model, target):
    """Batch normalization folded, as ONNX Runtime does before quantizing."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = target
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Theirs:
    def __init__(self, model, batch, shape, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"])
        self.feed = {self.session.get_inputs()[0].name: images(shape, batch)}

    def milliseconds(self, runs):
        times = []
        for run in range(runs + 3):
            start = time.perf_counter()
            self.session.run(None, self.feed)
            if run >= 3:
                times.append(1000 * (time.perf_counter() - start))
        return statistics.median(times)


def ours(model, batch, threads, runs):
    report = benchmark.pith(
        "profile", model, "--batch", batch, "--threads", threads, "--runs", runs)
    return report["latencyMilliseconds"]["p50"]


def compare(name, batch, rounds, threads, folder):
    path, shape = NETWORKS[name]
    model = benchmark.data("models", *path.split("/"))
    unsigned, signed = (quantized(model, shape, folder, name, kind) for kind in (False, True))
    theirs = {key: Theirs(file, batch, shape, threads)
              for key, file in [("f32", model), ("u8", unsigned), ("s8", signed)]}
    runs = {1: 200, 32: 40}[batch] if shape[1] < 64 else {1: 40, 32: 5}[batch]
    figures = []
    for _ in range(rounds):
        figures.append((
            ours(model, batch, threads, runs), theirs["f32"].milliseconds(runs),
            ours(unsigned, batch, threads, runs),
            min(theirs[kind].milliseconds(runs) for kind in ("u8", "s8"))))
    middle = [statistics.median(column) for column in zip(*figures)]
    ratios = [statistics.median(column) for column in zip(
        *((their32 / our32, their8 / our8, our32 / our8) for our32, their32, our8, their8 in figures))]
    print(
        f"{name:20} {batch:5} {middle[0]:9.3f} {middle[1]:9.3f} {ratios[0]:7.2f} "
        f"{middle[2]:9.3f} {middle[3]:9.3f} {ratios[1]:7.2f} {ratios[2]:7.2f}", flush=True)


def main():
    rounds, threads = (int(x) for x in (sys.argv[1:] + ["5", "2"][len(sys.argv) - 1:]))
    folder = benchmark.work("int8-inference")
    print(benchmark.machine(), f"- {threads} threads, {rounds} rounds, milliseconds")
    print(
        f"{'network':20} {'batch':>5} {'f32':>9} {'ORT f32':>9} {'ratio':>7} "
        f"{'int8':>9} {'ORT int8':>9} {'ratio':>7} {'f32/int8':>8}")
    for name in NETWORKS:
        for batch in (1, 32):
            compare(name, batch, rounds, threads, folder)


if __name__ == "__main__":
    main()
