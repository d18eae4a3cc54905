"""Post-training int8 of MobileNetV1 0.75 with 300 calibration images: `pith compress` against ONNX
Runtime's quantize_static, A B A B ...

Both decode the same JPEG files and end with an int8 network on the disk; neither figure holds the
evaluation of accuracy. Ours is from the start of the process until that file is written, without the
evaluation of the given network in between; the whole command, which also packs archives and evaluates
both networks, stands beside it. ONNX Runtime's is of the calls alone, without importing its modules.
Its faster method, min-max, runs in each round and its entropy method, which like our own default looks
at the distribution, once. Accuracy is measured by ONNX Runtime for all.
Arguments: rounds (default 3), and `fast` to leave the entropy method out.
"""

import glob
import os
import time

import benchmark

MODEL = ("models", "imagenet", "mobilenet_v1_0.75_224.onnx")
CALIBRATION = 300


def images(folder):
    """Links to the sample images: three in five to calibrate on in `train`, the others in `test`."""
    classes = benchmark.data("imagenet_sample_256", "classes.txt")
    files = sorted(glob.glob(os.path.join(os.path.dirname(classes), "images", "*")))
    for part in ("train", "test"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    for index, file in enumerate(files):
        part = "train" if index % 5 < 3 else "test"
        link = os.path.join(folder, part, os.path.basename(file))
        if not os.path.lexists(link):
            os.symlink(file, link)
    if not os.path.lexists(os.path.join(folder, "classes.txt")):
        os.symlink(classes, os.path.join(folder, "classes.txt"))
    return {part: sorted(glob.glob(os.path.join(folder, part, "*"))) for part in ("train", "test")}


def decoded(file):
    """(1, 3, 224, 224), the middle of the image."""
    import numpy
    from PIL import Image

    image = Image.open(file).convert("RGB")
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    pixels = numpy.asarray(image.crop((left, top, left + 224, top + 224)))
    return pixels.transpose(2, 0, 1)[None].astype(numpy.float32) / 127.5 - 1


def ours(model, folder, ranges):
    """Seconds until the network was written, seconds of the whole command, and the network."""
    recipe = os.path.join(folder, ranges + ".yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - quantization: {{samples: {CALIBRATION}, ranges: {ranges}}}\n")
    run = os.path.join(folder, "run-" + ranges)
    start = time.time()
    benchmark.pith(
        "compress", model, "--data", "images:" + os.path.join(folder, "images", "train"),
        "--preprocess", "tensorflow", "--validation", 0, "--recipe", recipe, "-o", run, "--force")
    whole = time.time() - start
    events = benchmark.events(run)
    opened, quantized = events["begin"] - start, events["written"] - events["step"]
    return opened + quantized, whole, os.path.join(run, "model.onnx")


def theirs(model, folder, files, method):
    import onnx
    import onnxruntime
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        def __init__(self, key):
            self.key, self.files = key, iter(files)

        def get_next(self):
            file = next(self.files, None)
            return None if file is None else {self.key: decoded(file)}

    start = time.perf_counter()
    folded = os.path.join(folder, "folded.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = folded
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    target = os.path.join(folder, f"theirs-{method}.onnx")
    quantization.quantize_static(
        folded, target, Reader(onnx.load(folded).graph.input[0].name),
        quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        calibrate_method=getattr(quantization.CalibrationMethod, method),
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)
    return time.perf_counter() - start, target


def scores(model, files):
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    rows = [
        session.run(None, {name: numpy.concatenate([decoded(file) for file in files[at : at + 20]])})[0]
        for at in range(0, len(files), 20)]
    return numpy.concatenate(rows).reshape(len(files), -1)


def accuracy(models, files):
    """Top-1, agreement with the float network, and the squared error of its scores, as shares."""
    import numpy

    labels = numpy.array([int(os.path.basename(file).split("_")[0].split(".")[0]) for file in files])
    exact = scores(models["float"], files)
    offset = exact.shape[1] - 1000
    for name, model in models.items():
        found = scores(model, files)
        top = found.argmax(1)
        error = ((found - exact) ** 2).sum() / ((exact - exact.mean()) ** 2).sum()
        print(
            f"  {name:22} top-1 {(top - offset == labels).mean():6.1%}, agrees with float "
            f"{(top == exact.argmax(1)).mean():6.1%}, squared error {error:8.3%}", flush=True)


def main():
    (rounds,), words = benchmark.arguments(3)
    folder = benchmark.work("quantization-speed")
    model = benchmark.data(*MODEL)
    parts = images(os.path.join(folder, "images"))
    print(benchmark.machine(), f"- {rounds} rounds, {len(parts['train'])} images, seconds")
    models, rows = {"float": model}, []
    for _ in range(rounds):
        row = {}
        for ranges in ("mse", "min-max"):
            row[ranges], row["command " + ranges], models["ours, " + ranges] = ours(
                model, folder, ranges)
        row["MinMax"], models["ONNX Runtime, MinMax"] = theirs(
            model, folder, parts["train"], "MinMax")
        rows.append(row)
        print("  " + ", ".join(f"{key} {value:.2f}" for key, value in row.items()), flush=True)
    middle = {key: benchmark.median([row[key] for row in rows]) for key in rows[0]}
    print(
        f"ours {middle['mse']:.2f} (mse), {middle['min-max']:.2f} (min-max); whole command "
        f"{middle['command mse']:.2f}; ONNX Runtime MinMax {middle['MinMax']:.2f}: ratios "
        f"{benchmark.median([row['MinMax'] / row['mse'] for row in rows]):.2f}, "
        f"{benchmark.median([row['MinMax'] / row['min-max'] for row in rows]):.2f}", flush=True)
    if "fast" not in words:
        seconds, models["ONNX Runtime, Entropy"] = theirs(
            model, folder, parts["train"], "Entropy")
        print(f"ONNX Runtime Entropy {seconds:.2f}: ratio {seconds / middle['mse']:.1f}", flush=True)
    print(f"accuracy on the {len(parts['test'])} other images")
    accuracy(models, parts["test"])
    print("accuracy on all, those to calibrate on among them")
    accuracy(models, parts["train"] + parts["test"])


if __name__ == "__main__":
    main()
