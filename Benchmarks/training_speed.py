"""ResNet-20 at 32x32, batch 128: `pith train` against plain eager PyTorch (NCHW), A B A B ...

Pith's figure holds everything a training step needs, loader and augmentation included; PyTorch's
runs on one batch that is in memory already, which favours it. Prints the ratio of each pair and the
median. Arguments: rounds (default 3), threads (default 2), steps per round (default 60).
"""

import os
import sys
import time

import benchmark


def torch_speed(threads, steps):
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(1)

    class Residual(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.norm1 = nn.BatchNorm2d(outputs)
            self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(outputs)
            self.shortcut = (
                nn.Sequential()
                if stride == 1
                else nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )
            )

        def forward(self, x):
            y = torch.relu(self.norm1(self.first(x)))
            return torch.relu(self.norm2(self.second(y)) + self.shortcut(x))

    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for stage in range(3):
        for block in range(3):
            layers.append(Residual(channels, 16 << stage, 2 if stage and not block else 1))
            channels = 16 << stage
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    images, labels = torch.randn(128, 3, 32, 32), torch.randint(0, 10, (128,))
    loss_of = nn.CrossEntropyLoss()
    for step in range(steps + 5):
        if step == 5:
            start = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_of(net(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
    return steps * 128 / (time.perf_counter() - start)


def pith_speed(threads, data, folder):
    result = benchmark.pith(
        "train", "resnet20", "--data", f"arrays:{data}", "--epochs", 1, "--augment", "standard",
        "--validation", 0, "--threads", threads, "-o", os.path.join(folder, "resnet20.onnx"),
        "--force",
    )
    return result["imagesPerSecond"]


def random_images(count, folder):
    import numpy

    random = numpy.random.default_rng(1)
    path = os.path.join(folder, "images.npz")
    numpy.savez(
        path,
        x_train=random.integers(0, 256, (count, 3, 32, 32), numpy.uint8),
        y_train=random.integers(0, 10, count).astype(numpy.int32),
    )
    return path


def main():
    rounds, threads, steps = (int(x) for x in (sys.argv[1:] + ["3", "2", "60"][len(sys.argv) - 1:]))
    folder = benchmark.work("training-speed")
    data = random_images(steps * 128, folder)
    print(benchmark.machine(), f"- {threads} threads, batch 128, {steps} steps a round")
    ratios = []
    for _ in range(rounds):
        ours, theirs = pith_speed(threads, data, folder), torch_speed(threads, steps)
        ratios.append(ours / theirs)
        print(f"pith {ours:7.1f} img/s   torch {theirs:7.1f} img/s   ratio {ratios[-1]:.2f}")
    print(f"median ratio {benchmark.median(ratios):.2f}")


main()
