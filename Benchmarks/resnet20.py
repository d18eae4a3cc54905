"""ResNet-20, CIFAR-10 JPEG edition: evaluation, int8, and 80 % sparse with 5-bit weights."""

import os

import benchmark

PREPROCESS = "{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}"

RECIPE = """\
control: true
steps:
  - pruning:
      sparsity: 0.8
      epochs: 4
      optimizer: nesterov
      learning-rate: 0.02
      ramp: 0.3
      distill: true
  - weight-sharing: {bits: 5, epochs: 1, optimizer: adam, learning-rate: 0.0001, distill: true}
  - entropy-coding: {coder: arithmetic}
"""


def onnx_runtime_accuracy(model, folder):
    import numpy
    import onnxruntime

    rows = numpy.fromfile(os.path.join(folder, "test_batch.bin"), numpy.uint8).reshape(-1, 3073)
    mean = numpy.array([0.485, 0.456, 0.406], numpy.float32).reshape(1, 3, 1, 1)
    std = numpy.array([0.229, 0.224, 0.225], numpy.float32).reshape(1, 3, 1, 1)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name, right = session.get_inputs()[0].name, 0
    for start in range(0, len(rows), 500):
        batch = rows[start : start + 500]
        images = (batch[:, 1:].reshape(-1, 3, 32, 32).astype(numpy.float32) / 255 - mean) / std
        right += (session.run(None, {name: images})[0].argmax(1) == batch[:, 0]).sum()
    return right / len(rows)


def main():
    model = benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx")
    folder = benchmark.cifar10()
    common = ["--data", f"cifar10:{folder}", "--preprocess", PREPROCESS]
    print(benchmark.machine())
    float_top1 = benchmark.pith("evaluate", model, *common)["top1"]
    print(f"float: {100 * float_top1:.2f} % ({os.path.getsize(model):,} bytes)")

    run = os.path.join(benchmark.work("resnet20"), "int8")
    report = benchmark.pith(
        "compress", model, *common, "--preset", "int8", "-o", run, "--force")
    result = report["result"]
    theirs = onnx_runtime_accuracy(os.path.join(run, "model.onnx"), folder)
    print(
        f"int8: {100 * result['top1']:.2f} % here, {100 * theirs:.2f} % in ONNX Runtime, "
        f"model.onnx {result['onnxBytes']:,} bytes = "
        f"{result['onnxBytes'] / os.path.getsize(model):.3f} of the float file", flush=True)

    recipe = os.path.join(benchmark.work("resnet20"), "small.yaml")
    with open(recipe, "w") as file:
        file.write(RECIPE)
    run = os.path.join(benchmark.work("resnet20"), "small")
    report = benchmark.pith("compress", model, *common, "--recipe", recipe, "-o", run, "--force")
    result = report["result"]
    print(
        f"80 % sparse, 5 bits: {100 * result['top1']:.2f} %, {result['pithBytes']:,} bytes = 1/"
        f"{os.path.getsize(model) / result['pithBytes']:.1f} of the float file, control "
        f"{100 * report['control']['top1']:.2f} %")


main()
