"""ResNet-56, CIFAR-10 JPEG edition: channels removed to shares of the multiply-accumulates by several
criteria and by learnable masks, or residual branches, each trained as long as the uncompressed control,
penalties included.

One `pith compare`, which goes on where it was stopped when the command is given again. Arguments: epochs
(default 4), threads (default 2), percents of the multiply-accumulates (default 50; all: 75 50 35 25),
and words: criteria (default taylor l1 lasso slimming greg random masks); depth removes branches, and
depth+lasso branches for four fifths of what is to go and then channels, by eights.
"""

import sys

import benchmark

CRITERIA = ["taylor", "l1", "lasso", "slimming", "greg", "random", "masks"]
SHARES = [75, 50, 35, 25]


def step(criterion, share, training):
    if criterion == "depth":
        return f"depth-pruning: {{macs: {share / 100}, {training}}}"
    if criterion.startswith("depth+"):
        kept = 1 - 0.8 * (1 - share / 100)
        rest = step(criterion.removeprefix("depth+"), round(share / kept, 1), "round: 8, " + training)
        return f"depth-pruning: {{macs: {kept:.3f}, epochs: 0}}, {rest}"
    method, choice = (
        ("learnable-masks", "") if criterion == "masks" else
        ("channel-pruning", f"criterion: {criterion}, "))
    return f"{method}: {{macs: {share / 100:.3f}, {choice}{training}}}"


def main():
    numbers, _ = benchmark.arguments(4, 2)
    words = [word for word in sys.argv[1:] if not word.isdigit()]
    (epochs, threads), shares = numbers[:2], numbers[2:] or [50]
    if "all" in words:
        shares = SHARES
    criteria = [word for word in words if word != "all"] or CRITERIA
    training = f"epochs: {epochs}, optimizer: nesterov, learning-rate: 0.05"
    benchmark.compare(
        "channels", benchmark.data("models", "cifar10", "resnet56_cifar10jpeg_ft.onnx"), training,
        [(f"{criterion} {share} %", step(criterion, share, training))
         for share in shares for criterion in criteria],
        threads)


main()
