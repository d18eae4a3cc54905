"""ResNet-20, CIFAR-10 JPEG edition: ExactOBS against magnitude without training, and lookahead against
magnitude at 95 and 98 % with short equal training.

    Benchmarks/pruning [at-once] [retrained] [threads]
"""

import os
import sys

import benchmark

PREPROCESS = "{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}"
AT_ONCE = ["random", "magnitude", "taylor", "fisher", "obd", "lookahead", "obs", "exact-obs"]
TRAINING = "schedule: one-shot, epochs: 1, optimizer: nesterov, learning-rate: 0.02"


def run(model, data, threads, name, settings):
    folder = benchmark.work("pruning")
    recipe = os.path.join(folder, f"{name}.yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - pruning: {{{settings}}}\n")
    report = benchmark.pith(
        "compress", model, *data, "--recipe", recipe, "-o", os.path.join(folder, name), "--force",
        "--validation", 1000, "--threads", threads)
    result = report["result"]
    print(f"{settings}: {100 * result['top1']:.2f} %, {result['pithBytes']:,} bytes", flush=True)


def main():
    words = sys.argv[1:]
    threads = next((word for word in words if word.isdigit()), "1")
    wanted = [word for word in words if not word.isdigit()] or ["at-once", "retrained"]
    model = benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx")
    data = ["--data", f"cifar10:{benchmark.cifar10()}", "--preprocess", PREPROCESS]
    print(benchmark.machine())
    if "at-once" in wanted:
        for sparsity in [0.5, 0.6, 0.75]:
            for criterion in AT_ONCE:
                settings = f"sparsity: {sparsity}, criterion: {criterion}, epochs: 0"
                run(model, data, threads, f"{criterion}-{sparsity}", settings)
    if "retrained" in wanted:
        for sparsity in [0.95, 0.98]:
            for scope in ["global", "local"]:
                for criterion in ["magnitude", "lookahead"]:
                    settings = (
                        f"sparsity: {sparsity}, criterion: {criterion}, scope: {scope}, {TRAINING}")
                    run(model, data, threads, f"{criterion}-{scope}-{sparsity}", settings)


main()
