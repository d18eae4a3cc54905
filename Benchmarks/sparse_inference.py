"""Latency of ResNet-20 at 80, 90 and 95 % zeros: sparse kernels against dense ones, ONNX Runtime and
DeepSparse.

The networks are pruned once, without training, the same share of each layer: speed is the question,
not accuracy. Runs alternate A B C D A B C D ...; a figure is the median of a round's runs, a ratio is of
figures of one round, printed are the medians of the ratios. DeepSparse runs in a process and an
environment of its own (`peers/setup-deepsparse`), on the given file with the pruned weights in it, for it
reads no newer ones; without it its columns are empty. Arguments: rounds (default 5), threads (default
2).
"""

import os
import statistics
import subprocess

import benchmark
from int8_inference import Theirs

SHAPE = (3, 32, 32)


def given():
    return benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx")


def pruned(sparsity, folder):
    recipe = os.path.join(folder, f"{sparsity}.yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - pruning: {{sparsity: {sparsity}, epochs: 0, scope: local}}\n")
    run = os.path.join(folder, f"run-{sparsity}")
    benchmark.pith(
        "compress", given(), "--recipe", recipe, "-o", run, "--force")
    return os.path.join(run, "model.onnx")


def older(model, folder):
    """The given network, in its older form, with the weights of a pruned one."""
    import onnx

    weights = {tensor.name: tensor for tensor in onnx.load(model).graph.initializer}
    network = onnx.load(given())
    for tensor in network.graph.initializer:
        tensor.CopyFrom(weights[tensor.name])
    path = os.path.join(folder, "older.onnx")
    onnx.save(network, path)
    return path


def ours(model, batch, threads, runs, runtime):
    report = benchmark.pith(
        "profile", model, "--batch", batch, "--threads", threads, "--runs", runs,
        "--runtime", runtime)
    return report["latencyMilliseconds"]["p50"]


def deepsparse(model, batch, threads, runs):
    """Not a number where DeepSparse is not there or does not run here; then its reason is printed."""
    python = os.environ.get("PITH_DEEPSPARSE")
    if not python:
        return float("nan")
    script = os.path.join(benchmark.FOLDER, "deepsparse_latency.py")
    done = subprocess.run(
        [python, script, model, *map(str, (batch, threads, runs))], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print("DeepSparse:", done.stderr.strip().splitlines()[-1:], flush=True)
        return float("nan")
    return float(done.stdout.split()[-1])


def compare(sparsity, batch, rounds, threads, folder):
    model = pruned(sparsity, folder)
    theirs = Theirs(model, batch, SHAPE, threads)
    runs = {1: 300, 32: 40}[batch]
    old = older(model, folder)
    figures = [
        (ours(model, batch, threads, runs, "sparse"), ours(model, batch, threads, runs, "dense"),
         theirs.milliseconds(runs), deepsparse(old, batch, threads, runs))
        for _ in range(rounds)]
    middle = [statistics.median(column) for column in zip(*figures)]
    ratios = [statistics.median(row[peer] / row[0] for row in figures) for peer in (1, 2, 3)]
    pairs = " ".join(f"{ms:9.3f} {ratio:7.2f}" for ms, ratio in zip(middle[1:], ratios))
    print(f"{100 * sparsity:4.0f}% {batch:5} {middle[0]:9.3f} {pairs}", flush=True)


def main():
    (rounds, threads), _ = benchmark.arguments(5, 2)
    folder = benchmark.work("sparse-inference")
    print(benchmark.machine(), f"- {threads} threads, {rounds} rounds, milliseconds")
    print(
        f"{'zeros':>5} {'batch':>5} {'sparse':>9} {'dense':>9} {'ratio':>7} {'ORT f32':>9} {'ratio':>7} "
        f"{'DeepSp.':>9} {'ratio':>7}")
    for sparsity in (0.8, 0.9, 0.95):
        for batch in (1, 32):
            compare(sparsity, batch, rounds, threads, folder)


if __name__ == "__main__":
    main()
