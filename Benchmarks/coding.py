"""Bytes of the archive with either coder, and the time `pith unpack` takes (one core, whole process).

Takes the networks of the shared data and what the benchmarks mnist and resnet20 have left.
"""

import glob
import os
import subprocess
import time

import benchmark


def main():
    models = sorted(glob.glob(os.path.join(benchmark.data("models"), "*", "*.onnx")))
    results = sorted(glob.glob(os.path.join(benchmark.work(""), "*", "*", "model.onnx")))
    folder = benchmark.work("coding")
    print(benchmark.machine())
    print(f"{'model':58} {'onnx':>11} {'huffman':>11} {'arithmetic':>11} {'f32 MB/s':>9}")
    for model in results + models:
        sizes = {}
        for coder in ("huffman", "arithmetic"):
            archive = os.path.join(folder, coder + ".pith")
            packed = benchmark.pith(
                "pack", model, "-o", archive, "--coder", coder, "--force")
            sizes[coder] = packed["pithBytes"]
        best = min(unpack(archive, folder) for _ in range(3))
        weights = sum(elements(tensor["shape"]) for tensor in packed["tensors"])
        name = "/".join(model.split(os.sep)[-2:])
        print(
            f"{name:58} {os.path.getsize(model):>11,} {sizes['huffman']:>11,} "
            f"{sizes['arithmetic']:>11,} {4e-6 * weights / best:>9.1f}", flush=True)


def unpack(archive, folder):
    start = time.perf_counter()
    subprocess.run(
        [benchmark.PITH, "unpack", archive, "-o", os.path.join(folder, "back.onnx"), "--force"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def elements(shape):
    count = 1
    for extent in shape:
        count *= extent
    return count


main()
