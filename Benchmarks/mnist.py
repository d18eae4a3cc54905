"""Sizes without loss of accuracy on MNIST, one table: bytes of one file, test accuracy per seed.

mnist-cnn is trained from scratch for each seed; the LeNets start from the pretrained networks. The
control is the uncompressed network, trained on by the same recipe.
Arguments: the names of the rows to run (default all of mnist-cnn, lenet-5, lenet-300-100).
"""

import os
import sys

import benchmark

SEEDS = (1, 2, 3)

# Network -> (recipe, bytes to stay under).
RECIPES = {
    "mnist-cnn": (
        """\
augment: crop
control: true
steps:
  - pruning: {sparsity: 0.97, epochs: 5, optimizer: adam, learning-rate: 0.001, ramp: 0.5}
  - weight-sharing: {bits: 4, epochs: 1}
""",
        125_000,
    ),
    "lenet-5": (
        """\
augment: {crop: 2}
control: true
steps:
  - pruning: {sparsity: 0.975, epochs: 20, optimizer: adam, learning-rate: 0.001}
  - weight-sharing: {bits: 4, epochs: 4}
""",
        15_000,
    ),
    "lenet-300-100": (
        """\
augment: {crop: 1}
control: true
steps:
  - pruning: {sparsity: 0.93, epochs: 40, optimizer: adam, learning-rate: 0.001}
  - weight-sharing: {bits: 4, epochs: 4}
""",
        22_000,
    ),
}

PRETRAINED = {"lenet-5": "lenet5_mnist.onnx", "lenet-300-100": "lenet300_100_mnist.onnx"}


def baseline(name, seed, folder, mnist):
    if name in PRETRAINED:
        return benchmark.data("models", "lenet", PRETRAINED[name])
    model = os.path.join(folder, f"{name}-{seed}.onnx")
    if not os.path.exists(model):
        benchmark.pith("train", name, "--data", mnist, "--epochs", 8, "--seed", seed, "-o", model)
    return model


def row(name, mnist):
    folder = benchmark.work("mnist")
    recipe = os.path.join(folder, name + ".yaml")
    with open(recipe, "w") as file:
        file.write(RECIPES[name][0])
    before, after, control, sizes = [], [], [], []
    for seed in SEEDS:
        run = os.path.join(folder, f"{name}-run-{seed}")
        report = benchmark.pith(
            "compress", baseline(name, seed, folder, mnist), "--data", mnist, "--recipe", recipe,
            "--seed", seed, "-o", run, "--force",
        )
        before.append(100 * report["baseline"]["top1"])
        after.append(100 * report["result"]["top1"])
        control.append(100 * report["control"]["top1"])
        sizes.append(report["result"]["pithBytes"])
        print(
            f"{name} seed {seed}: {before[-1]:.2f} % -> {after[-1]:.2f} %, {sizes[-1]:,} bytes, "
            f"{report['baseline']['onnxBytes'] / sizes[-1]:.0f} times smaller, "
            f"control {control[-1]:.2f} %", flush=True,
        )
    (mean0, spread0), (mean1, spread1), (mean2, spread2) = map(
        benchmark.mean_and_spread, (before, after, control)
    )
    print(
        f"{name}: {mean0:.3f} +- {spread0:.3f} % -> {mean1:.3f} +- {spread1:.3f} %, "
        f"control {mean2:.3f} +- {spread2:.3f} %, largest file {max(sizes):,} bytes "
        f"(goal {RECIPES[name][1]:,})", flush=True,
    )


def main():
    mnist = "mnist:" + benchmark.data("mnist")
    print(benchmark.machine())
    for name in sys.argv[1:] or RECIPES:
        row(name, mnist)


main()
