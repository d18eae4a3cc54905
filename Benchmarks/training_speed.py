"""Training steps of ResNet-20 and VGG-16-BN at 32x32 (batch 128) and MobileNetV1 at 96x96 (batch 32):
`pith train` against eager PyTorch, A B A B ...

PyTorch runs in three ways, each in a process of its own: NCHW, channels-last, and channels-last with an
allocator that keeps large blocks (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_). The fastest of the
first round goes on in the others; a ratio is of the figures of one round. Both train with SGD, momentum
and weight decay and read the loss of each step. PyTorch takes one batch that lies in memory; Pith reads
bytes that lie in memory through its loader, without augmentation, a new batch each step. Steps before
the measured ones: as many as are measured for Pith, 3 for PyTorch.

The share of the peak is of Pith's arithmetic, three times the multiply-accumulates of the forward pass,
by the fastest float32 matrix product measured in the same run.
Arguments: rounds (default 3), threads (default 2), names of networks (default all).
"""

import os
import subprocess
import sys

import benchmark
import generated

# Name -> (batch, side, steps of a round).
NETWORKS = {
    "resnet20": (128, 32, 20),
    "vgg16-bn": (128, 32, 6),
    "mobilenet-v1": (32, 96, 20),
}
CLASSES = 10
KEPT = str(1 << 30)
# Way -> (memory format, environment).
WAYS = {
    "NCHW": ("nchw", {}),
    "channels-last": ("nhwc", {}),
    "channels-last, tuned malloc": (
        "nhwc", {"MALLOC_MMAP_THRESHOLD_": KEPT, "MALLOC_TRIM_THRESHOLD_": KEPT}),
}


def ours(name, threads, folder):
    """Images per second of the second epoch, and the file of the network."""
    batch, side, steps = NETWORKS[name]
    model = os.path.join(folder, name + ".onnx")
    report = benchmark.pith(
        "train", name, "--data", "arrays:" + generated.images(folder, batch * steps, side, CLASSES),
        "--epochs", 2, "--batch", batch, "--augment", "none", "--validation", 0, "--classes", CLASSES,
        "--threads", threads, "-o", model, "--force")
    return batch * steps / report["epochs"][1]["seconds"], model


def theirs(name, way, threads):
    batch, side, steps = NETWORKS[name]
    form, environment = WAYS[way]
    command = [sys.executable, os.path.join(benchmark.FOLDER, "torch_training.py"), name, form]
    done = subprocess.run(
        [*command, str(batch), str(side), str(CLASSES), str(steps), str(threads)], check=True,
        stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    return float(done.stdout)


def compare(name, rounds, threads, folder):
    ways, figures, peak = list(WAYS), [], 0
    for _ in range(rounds):
        our, model = ours(name, threads, folder)
        their = {way: theirs(name, way, threads) for way in ways}
        if not figures:
            for way in ways:
                print(f"  PyTorch, {way}: {their[way]:.1f} img/s", flush=True)
        ways = [max(their, key=their.get)]
        figures.append((our, their[ways[0]]))
        profile = benchmark.pith(
            "profile", model, "--explain", "--runs", 1, "--threads", threads)
        peak = max(peak, profile["peak"]["macsPerSecond"])
    macs = 3 * benchmark.pith("inspect", model)["macs"]
    our, their = (benchmark.median(column) for column in zip(*figures))
    ratio = benchmark.median([a / b for a, b in figures])
    print(
        f"{name:14} {NETWORKS[name][0]:5} {our:9.1f} {their:9.1f} {ratio:7.2f} "
        f"{our * macs / 1e9:9.1f} {peak / 1e9:9.1f} {our * macs / peak:7.1%}  {ways[0]}; ratios "
        + ", ".join(f"{a / b:.2f}" for a, b in figures), flush=True)


def main():
    (rounds, threads), names = benchmark.arguments(3, 2)
    folder = benchmark.work("training-speed")
    print(benchmark.machine(), f"- {threads} threads, {rounds} rounds")
    print(
        f"{'network':14} {'batch':>5} {'img/s':>9} {'PyTorch':>9} {'ratio':>7} {'GMAC/s':>9} "
        f"{'peak':>9} {'share':>7}  PyTorch's way")
    for name in names or NETWORKS:
        compare(name, rounds, threads, folder)


if __name__ == "__main__":
    main()
