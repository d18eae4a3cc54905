"""ResNet-20, CIFAR-10 JPEG edition: magnitude and lookahead at once, and gradual magnitude with
distillation, at 80 to 98 % of the weights, each trained as long as the uncompressed control.

One `pith compare`, which goes on where it was stopped when the command is given again. Arguments: epochs
(default 2), threads (default 2), percents of the weights (default 95 98 90 80).
"""

import os
import subprocess
import sys

import benchmark

PREPROCESS = "{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}"
ROWS = {
    "magnitude": "criterion: magnitude, schedule: one-shot",
    "lookahead": "criterion: lookahead, schedule: one-shot",
    "gradual + distillation": "schedule: gradual, distill: true",
}


def main():
    numbers, _ = benchmark.arguments(2, 2)
    (epochs, threads), sparsities = numbers[:2], numbers[2:] or [95, 98, 90, 80]
    training = f"epochs: {epochs}, optimizer: adam, learning-rate: 0.001"
    rows = [
        f"  - {{name: {name} {sparsity} %, steps: [pruning: {{sparsity: {sparsity / 100}, {settings}, "
        f"{training}}}]}}\n"
        for sparsity in sparsities for name, settings in ROWS.items()]
    folder = benchmark.work("sparsity")
    recipe = os.path.join(folder, "recipe.yaml")
    with open(recipe, "w") as file:
        file.write(
            f"augment: {{flip: true, crop: 4}}\nfine-tune: {{{training}}}\nrows:\n{''.join(rows)}")
    print(benchmark.machine(), flush=True)
    done = subprocess.run(
        [benchmark.PITH, "compare",
         benchmark.data("models", "cifar10", "resnet20_cifar10jpeg_ft.onnx"),
         "--data", f"cifar10:{benchmark.cifar10()}", "--preprocess", PREPROCESS, "--recipe", recipe,
         "--threads", str(threads), "-o", os.path.join(folder, "comparison"), "--resume"])
    sys.exit(done.returncode)


main()
