"""ResNet-56, CIFAR-10 JPEG edition: channels removed to shares of the multiply-accumulates by several
criteria and by learnable masks, each trained as long as the uncompressed control.

One `pith compare`, which goes on where it was stopped when the command is given again. Arguments: epochs
(default 4), threads (default 2), percents of the multiply-accumulates (default 50; all: 75 50 35 25),
and words: criteria (default taylor l1 lasso slimming greg random masks).
"""

import os
import subprocess
import sys

import benchmark

PREPROCESS = "{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}"
CRITERIA = ["taylor", "l1", "lasso", "slimming", "greg", "random", "masks"]
SHARES = [75, 50, 35, 25]


def main():
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    words = [word for word in sys.argv[1:] if not word.isdigit()]
    epochs, threads = (numbers[:2] + [4, 2][len(numbers[:2]):])
    shares = SHARES if "all" in words else numbers[2:] or [50]
    criteria = [word for word in words if word != "all"] or CRITERIA
    training = f"epochs: {epochs}, optimizer: nesterov, learning-rate: 0.01"
    rows = []
    for share in shares:
        for criterion in criteria:
            method = (
                f"learnable-masks: {{macs: {share / 100}, {training}}}" if criterion == "masks" else
                f"channel-pruning: {{macs: {share / 100}, criterion: {criterion}, {training}}}")
            rows.append(f"  - {{name: {criterion} {share} %, steps: [{method}]}}\n")
    folder = benchmark.work("channels")
    recipe = os.path.join(folder, "recipe.yaml")
    with open(recipe, "w") as file:
        file.write(
            f"augment: {{flip: true, crop: 4}}\nfine-tune: {{{training}}}\nrows:\n{''.join(rows)}")
    print(benchmark.machine(), flush=True)
    done = subprocess.run(
        [benchmark.PITH, "compare",
         benchmark.data("models", "cifar10", "resnet56_cifar10jpeg_ft.onnx"),
         "--data", f"cifar10:{benchmark.cifar10()}", "--preprocess", PREPROCESS, "--recipe", recipe,
         "--threads", str(threads), "-o", os.path.join(folder, "comparison"), "--resume"])
    sys.exit(done.returncode)


main()
