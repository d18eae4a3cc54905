"""LeNet-5, MNIST: thresholds for the first layer and for all, found by the predictor, by random search
and by a sweep with equally many probes; then one epoch of training.

Whatever is chosen loses at most one point of the accuracy on 5,000 samples held out of the training data.
What is made small are the non-zero parameters for single weights, the multiply-accumulates for filters;
`macs` does not count those with zeros, and tells more of the first layer, which has few parameters.
Arguments: probes (default 24), seeds (default 1), and words: fine, filter, first, all (default all four).
"""

import os
import re

import benchmark

TRAINING = "epochs: 1, optimizer: adam, learning-rate: 0.0005"
# The order of the runs; the control's training depends on none of them.
STRATEGIES = ("predictor", "random", "sweep")
# How the step's notes tell what was chosen before training, and the time of the search.
FOUND = re.compile(
    r"(\d+) probes in ([\d.]+) s, (\d+) of them .*best: (?:none|([\d.]+) % with ([\d.]+) % of the parameters, "
    r"([\d.]+) % of the multiply-accumulates)")


def run(model, mnist, granularity, layers, strategy, probes, seed):
    folder = benchmark.work("threshold-search")
    name = f"{granularity}-{layers}-{strategy}-{seed}"
    recipe = os.path.join(folder, name + ".yaml")
    with open(recipe, "w") as file:
        file.write(
            f"control: {'true' if strategy == STRATEGIES[0] else 'false'}\n"
            f"steps:\n  - threshold-search: {{granularity: {granularity}, layers: {layers}, "
            f"strategy: {strategy}, probes: {probes}, {TRAINING}}}\n")
    report = benchmark.pith(
        "compress", model, "--data", mnist, "--recipe", recipe, "--seed", seed, "--threads", 1,
        "-o", os.path.join(folder, name), "--force")
    return report, next(filter(None, map(FOUND.search, report["steps"][0]["notes"])))


def row(report, found, strategy, seed):
    result = report["result"]
    number, seconds, allowed, accuracy, parameters, macs = found.groups()
    print(
        f"{strategy:10} {seed:4} {number:>6} {allowed:>7} {accuracy or '-':>10} "
        f"{parameters or '100':>12} {macs or '100':>6} {100 * result['top1']:7.2f} "
        f"{result['nonzeroParameters']:9,} {result['pithBytes']:11,} "
        f"{result['latencyMilliseconds']:8.4f} {seconds:>7}", flush=True)
    return float(parameters or 100), float(macs or 100)


def main():
    (probes, seeds), words = benchmark.arguments(24, 1)
    model = benchmark.data("models", "lenet", "lenet5_mnist.onnx")
    mnist = "mnist:" + benchmark.data("mnist")
    print(benchmark.machine(), f"- {probes} probes, one thread")
    for granularity in [word for word in ("fine", "filter") if word in words] or ["fine", "filter"]:
        for layers in [word for word in ("first", "all") if word in words] or ["first", "all"]:
            print(f"\n{granularity}, {layers}")
            print(
                f"{'strategy':10} {'seed':>4} {'probes':>6} {'allowed':>7} {'validation':>10} "
                f"{'parameters %':>12} {'macs %':>6} {'test %':>7} "
                f"{'non-zero':>9} {'model.pith':>11} {'ms':>8} {'search':>7}")
            left, controls = {strategy: [] for strategy in STRATEGIES}, []
            for seed in range(1, seeds + 1):
                for strategy in STRATEGIES:
                    report, found = run(model, mnist, granularity, layers, strategy, probes, seed)
                    left[strategy].append(row(report, found, strategy, seed))
                    if report.get("control"):
                        controls.append(100 * report["control"]["top1"])
            for name, column in [("parameters", 0), ("macs", 1)]:
                means = ", ".join(
                    "{} {:.2f} +- {:.2f}".format(
                        strategy, *benchmark.mean_and_spread([value[column] for value in values]))
                    for strategy, values in left.items())
                print(f"{name} left %: {means}")
            print(
                "control, test %: {:.3f} +- {:.3f}".format(*benchmark.mean_and_spread(controls)),
                flush=True)


main()
