"""ResNet-20, CIFAR-10 JPEG edition: magnitude and lookahead at once, and gradual magnitude with
distillation, at 80 to 98 % of the weights, each trained as long as the uncompressed control.

One `pith compare`, which goes on where it was stopped when the command is given again. Arguments: epochs
(default 2), threads (default 2), percents of the weights (default 95 98 90 80).
"""

import benchmark

ROWS = {
    "magnitude": "criterion: magnitude, schedule: one-shot",
    "lookahead": "criterion: lookahead, schedule: one-shot",
    "gradual + distillation": "schedule: gradual, distill: true",
}


def main():
    numbers, _ = benchmark.arguments(2, 2)
    (epochs, threads), sparsities = numbers[:2], numbers[2:] or [95, 98, 90, 80]
    training = f"epochs: {epochs}, optimizer: adam, learning-rate: 0.001"
    benchmark.compare(
        "sparsity", benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx"), training,
        [(f"{name} {sparsity} %", f"pruning: {{sparsity: {sparsity / 100}, {settings}, {training}}}")
         for sparsity in sparsities for name, settings in ROWS.items()],
        threads)


main()
