"""How time and memory grow, as tables and as plots in `Benchmarks/plots`:

- batch: inference and training of ResNet-20, 1 to 256 images at once;
- depth: inference and training of residual networks of 20 to 110 layers, batch 128;
- size: inspect, pack and int8 quantization of fully connected networks of 1 MB and more.

Memory of the first two is what the compiled plans take, of the last the process's peak. Arguments: the
most megabytes (default 256; 1024 takes minutes), threads (default 2), and which of the three.
"""

import os

import benchmark
import generated
import memory
from plot import chart

BATCHES = [2**power for power in range(9)]
DEPTHS = [20, 32, 44, 56, 110]
STEPS = 8


def inference(model, batch, threads):
    """Milliseconds of a run, and bytes of its arena."""
    report = benchmark.pith(
        "profile", model, "--batch", batch, "--threads", threads, "--runs", max(5, 200 // batch))
    return report["latencyMilliseconds"]["p50"], report["arenaBytes"]


def training(model, batch, threads, folder):
    """Milliseconds of a step of the second epoch, and bytes of the plan."""
    report = benchmark.pith(
        "train", model, "--data", "arrays:" + generated.images(folder, batch * STEPS), "--epochs", 2,
        "--batch", batch, "--augment", "none", "--validation", 0, "--threads", threads, "-o",
        os.path.join(folder, "trained.onnx"), "--force")
    return 1000 * report["epochs"][1]["seconds"] / STEPS, report["memoryBytes"]


def plots(name, title, label, rows, per_image, **style):
    """Two charts of rows (x, inference ms, bytes, training ms, bytes)."""
    folder = os.path.join(benchmark.FOLDER, "plots")
    os.makedirs(folder, exist_ok=True)
    time = {
        "training step": [(x, train / per_image(x)) for x, _, _, train, _ in rows],
        "inference": [(x, run / per_image(x)) for x, run, _, _, _ in rows],
    }
    space = {
        "training": [(row[0], row[4] / 1e6) for row in rows],
        "inference": [(row[0], row[2] / 1e6) for row in rows],
    }
    chart(
        os.path.join(folder, name + "-time.svg"), title + ": time", label, "milliseconds per image",
        time, **style)
    chart(
        os.path.join(folder, name + "-memory.svg"), title + ": memory", label, "MB of the plan", space,
        **style)


def table(rows, first):
    print(f"{first:>8} {'inference, ms':>14} {'MB':>9} {'training, ms':>13} {'MB':>9}")
    for x, run, arena, train, plan in rows:
        print(f"{x:8} {run:14.3f} {arena / 1e6:9.2f} {train:13.2f} {plan / 1e6:9.1f}", flush=True)


def batch(threads, _):
    folder = benchmark.work("growth")
    model = generated.resnet(folder, 20)
    rows = [
        (size, *inference(model, size, threads), *training(model, size, threads, folder))
        for size in BATCHES]
    table(rows, "batch")
    plots("batch", "ResNet-20", "images at once", rows, lambda size: size)


def depth(threads, _):
    folder, rows = benchmark.work("growth"), []
    for layers in DEPTHS:
        model = generated.resnet(folder, layers)
        rows.append((
            layers, *inference(model, 128, threads), *training(model, 128, threads, folder)))
    table(rows, "layers")
    plots(
        "depth", "Residual networks, batch 128", "layers", rows, lambda _: 128, is_logarithmic=False)


def size(_, most):
    folder, seconds, peaks = benchmark.work("memory"), {}, {}
    print(f"{'MB':>8} {'command':10} {'seconds':>9} {'peak, MB':>9}")
    for megabytes in (1, 4, 16, 64, 256, 1024):
        if megabytes > most:
            break
        model, data = generated.dense(folder, megabytes)
        for command in ("inspect", "pack", "quantize"):
            took, peak = memory.run(command, model, data, folder, "growth")
            mega = memory.bytes_of(model) / 1e6
            seconds.setdefault(command, []).append((mega, took))
            peaks.setdefault(command, []).append((mega, peak / 1e6))
            print(f"{mega:8.1f} {command:10} {took:9.2f} {peak / 1e6:9.1f}", flush=True)
    plots_folder = os.path.join(benchmark.FOLDER, "plots")
    os.makedirs(plots_folder, exist_ok=True)
    for name, label, series in (
        ("time", "seconds", seconds), ("memory", "MB, peak of the process", peaks)):
        chart(
            os.path.join(plots_folder, f"size-{name}.svg"), f"Fully connected networks: {name}",
            "MB of the network", label, series, x_base=4)


def main():
    (most, threads), names = benchmark.arguments(256, 2)
    print(benchmark.machine(), f"- {threads} threads")
    for part in (batch, depth, size):
        if not names or part.__name__ in names:
            part(threads, most)


if __name__ == "__main__":
    main()
