"""Peak resident memory of commands on a generated network with external data, against its size.

The figure is the process's own high-water mark; pages of files that it has mapped count. Linux only.
Arguments: megabytes of the network (default 1024), names of commands (default all).
"""

import os

import benchmark
import generated

# Command -> the most times the size of the network that it may take.
GOALS = {"inspect": 1.5, "pack": 3, "quantize": 3, "share": 3}
STEPS = {
    "quantize": "quantization: {samples: 64}",
    "share": "weight-sharing: {clusters: 256, epochs: 0}",
}


def run(command, model, data, folder, name="run"):
    """Seconds and peak bytes."""
    if command == "inspect":
        return benchmark.measured("inspect", model)
    if command == "pack":
        return benchmark.measured("pack", model, "-o", os.path.join(folder, "m.pith"), "--force")
    recipe = os.path.join(folder, command + ".yaml")
    with open(recipe, "w") as file:
        file.write(f"steps:\n  - {STEPS[command]}\n")
    about = ["--data", "arrays:" + data, "--preprocess", "raw", "--validation", 0]
    return benchmark.measured(
        "compress", model, *(about if command == "quantize" else []), "--recipe", recipe, "-o",
        os.path.join(folder, name), "--force")


def bytes_of(model):
    return os.path.getsize(model) + os.path.getsize(model + ".data")


def main():
    (megabytes,), names = benchmark.arguments(1024)
    folder = benchmark.work("memory")
    model, data = generated.dense(folder, megabytes)
    size = bytes_of(model)
    print(benchmark.machine(), f"- a network of {size / 1e6:,.0f} MB")
    print(f"{'command':10} {'seconds':>8} {'peak, MB':>9} {'of the size':>11} {'goal':>5}")
    for command in names or GOALS:
        seconds, peak = run(command, model, data, folder)
        print(
            f"{command:10} {seconds:8.1f} {peak / 1e6:9,.0f} {peak / size:11.2f} "
            f"{GOALS[command]:5}", flush=True)


if __name__ == "__main__":
    main()
