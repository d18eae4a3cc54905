"""Latency of ResNet-20 at 80, 90 and 95 % zeros: sparse kernels against dense ones and ONNX Runtime.

The networks are pruned once, without training, the same share of each layer: speed is the question,
not accuracy. Runs alternate A B C A B C ...; a figure is the median of a round's runs, a ratio is of
figures of one round, printed are the medians of the ratios. Arguments: rounds (default 5), threads
(default 2).
"""

import os
import statistics
import sys

import benchmark
from int8_inference import Theirs

SHAPE = (3, 32, 32)


def pruned(sparsity, folder):
    recipe = os.path.join(folder, f"{sparsity}.yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - pruning: {{sparsity: {sparsity}, epochs: 0, scope: local}}\n")
    run = os.path.join(folder, f"run-{sparsity}")
    benchmark.pith(
        "compress", benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx"),
        "--recipe", recipe, "-o", run, "--force")
    return os.path.join(run, "model.onnx")


def ours(model, batch, threads, runs, runtime):
    report = benchmark.pith(
        "profile", model, "--batch", batch, "--threads", threads, "--runs", runs,
        "--runtime", runtime)
    return report["latencyMilliseconds"]["p50"]


def main():
    rounds, threads = (int(x) for x in (sys.argv[1:] + ["5", "2"][len(sys.argv) - 1:]))
    folder = benchmark.work("sparse-inference")
    print(benchmark.machine(), f"- {threads} threads, {rounds} rounds, milliseconds")
    print(f"{'zeros':>5} {'batch':>5} {'sparse':>9} {'dense':>9} {'ratio':>7} {'ORT f32':>9} {'ratio':>7}")
    for sparsity in (0.8, 0.9, 0.95):
        model = pruned(sparsity, folder)
        for batch in (1, 32):
            theirs = Theirs(model, batch, SHAPE, threads)
            runs = {1: 300, 32: 40}[batch]
            figures = [
                (ours(model, batch, threads, runs, "sparse"),
                 ours(model, batch, threads, runs, "dense"), theirs.milliseconds(runs))
                for _ in range(rounds)]
            sparse, dense, peer = (statistics.median(column) for column in zip(*figures))
            print(
                f"{100 * sparsity:4.0f}% {batch:5} {sparse:9.3f} {dense:9.3f} "
                f"{statistics.median(b / a for a, b, _ in figures):7.2f} {peer:9.3f} "
                f"{statistics.median(c / a for a, _, c in figures):7.2f}", flush=True)


main()
