"""ResNet-20, CIFAR-10 JPEG edition: ExactOBS against magnitude without training, lookahead against
magnitude at 95 and 98 % with short equal training, channels removed without training, and budgets of
latency (with LeNet-5's masks).

    Benchmarks/pruning [at-once] [retrained] [channels] [latency] [threads]
"""

import os
import sys

import benchmark

AT_ONCE = ["random", "magnitude", "taylor", "fisher", "obd", "lookahead", "obs", "exact-obs"]
WORDS = ["at-once", "retrained", "channels", "latency"]
TRAINING = "schedule: one-shot, epochs: 1, optimizer: nesterov, learning-rate: 0.02"


def run(model, data, threads, name, step):
    folder = benchmark.work("pruning")
    recipe = os.path.join(folder, f"{name}.yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - {step}\n")
    report = benchmark.pith(
        "compress", model, *data, "--recipe", recipe, "-o", os.path.join(folder, name), "--force",
        "--validation", 1000, "--threads", threads)
    result = report["result"]
    print(f"{step}: {100 * result['top1']:.2f} %, {result['pithBytes']:,} bytes", flush=True)
    return report


def main():
    words = sys.argv[1:]
    threads = next((word for word in words if word.isdigit()), "1")
    wanted = [word for word in words if not word.isdigit()] or WORDS
    model = benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx")
    data = ["--data", f"cifar10:{benchmark.cifar10()}", "--preprocess", benchmark.IMAGENET]
    print(benchmark.machine())
    if "at-once" in wanted:
        for sparsity in [0.5, 0.6, 0.75]:
            for criterion in AT_ONCE:
                settings = f"sparsity: {sparsity}, criterion: {criterion}, epochs: 0"
                run(model, data, threads, f"{criterion}-{sparsity}", f"pruning: {{{settings}}}")
    if "retrained" in wanted:
        for sparsity in [0.95, 0.98]:
            for scope in ["global", "local"]:
                for criterion in ["magnitude", "lookahead"]:
                    settings = (
                        f"sparsity: {sparsity}, criterion: {criterion}, scope: {scope}, {TRAINING}")
                    run(model, data, threads, f"{criterion}-{scope}-{sparsity}",
                        f"pruning: {{{settings}}}")
    if "channels" in wanted:
        for criterion in ["random", "l1", "taylor", "lasso"]:
            for refit in ["false", "true"]:
                run(model, data, threads, f"channels-{criterion}-{refit}",
                    f"channel-pruning: {{macs: 0.5, criterion: {criterion}, refit: {refit}, epochs: 0}}")
    if "latency" in wanted:
        step = "channel-pruning: {latency: 0.6, epochs: 0}"
        for number in range(1, 4):
            tell(run(model, data, threads, f"latency-{number}", step))
        step = "channel-pruning: {latency: 0.6, round: auto, epochs: 0}"
        tell(run(model, data, threads, "latency-auto", step))
        lenet = benchmark.data("models", "lenet", "lenet5_mnist.onnx")
        mnist = ["--data", "mnist:" + benchmark.data("mnist")]
        step = "learnable-masks: {latency: 0.6, epochs: 1}"
        tell(run(lenet, mnist, threads, "latency-masks", step))


def tell(report):
    """What a budget of latency was met by, with what the two networks take in the end."""
    before, after = report["baseline"], report["result"]
    print(
        f"  {before['latencyMilliseconds']:.3f} -> {after['latencyMilliseconds']:.3f} ms, "
        f"{before['macs']:,} -> {after['macs']:,} multiply-accumulates")
    for note in report["steps"][0]["notes"] + report["warnings"]:
        print(f"  {note}", flush=True)


main()
