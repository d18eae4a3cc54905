"""VGG-19 with batch normalization on 100 classes of Tiny-ImageNet at 32x32: trained, then learnable masks
in one stage under budgets of 22 and 10 % of the parameters, trained as long as the uncompressed control.

Training and the one `pith compare` go on where they were stopped when the command is given again.
Arguments: epochs of the network (default 10), epochs of masks and control (default 10), threads (default
2), percents of the parameters (default 22 10).
"""

import os
import subprocess

import benchmark


def images(folder):
    """The set unpacked, its validation images as the test split."""
    archive = benchmark.data("tinyimagenet32_100", "tinyimagenet32_100.tar.xz")
    if not os.path.exists(os.path.join(folder, "test")):
        subprocess.run(["tar", "xJf", archive, "-C", folder], check=True)
        os.rename(os.path.join(folder, "val"), os.path.join(folder, "test"))
    return "images:" + folder


def main():
    numbers, _ = benchmark.arguments(10, 10, 2)
    (epochs, tuning, threads), shares = numbers[:3], numbers[3:] or [22, 10]
    source = images(benchmark.work("tinyimagenet"))
    model = os.path.join(benchmark.work("masks"), f"vgg19-{epochs}.onnx")
    if not os.path.exists(model):
        report = benchmark.pith(
            "train", "vgg19-bn", "--data", source, "--preprocess", benchmark.IMAGENET, "--epochs", epochs,
            "--learning-rate", 0.05, "--weight-decay", 0.0005, "--augment", "{flip: true, crop: 4}",
            "--threads", threads, "-o", model, "--resume")
        print(f"{epochs} epochs in {sum(each['seconds'] for each in report['epochs']):.0f} s", flush=True)
    training = f"epochs: {tuning}, optimizer: nesterov, learning-rate: 0.02"
    benchmark.compare(
        "masks", model, training,
        [(f"masks {share} %", f"learnable-masks: {{parameters: {share / 100}, {training}}}")
         for share in shares], threads, source)


main()
