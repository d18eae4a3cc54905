"""Images per second of a training step in eager PyTorch; what `training_speed.py` runs.

Arguments: network, nchw or nhwc, batch, side, classes, steps, threads.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional


def convolution(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


def block(inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    return [
        convolution(inputs, outputs, kernel, stride, groups), nn.BatchNorm2d(outputs),
        activation(inplace=True)]


class Residual(nn.Module):
    """Two convolutions; the shortcut is subsampled, new channels zero (option A)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            *block(inputs, outputs, stride=stride), convolution(outputs, outputs),
            nn.BatchNorm2d(outputs))
        self.stride, self.missing = stride, outputs - inputs

    def forward(self, x):
        y = self.body(x)
        if self.missing:
            half = self.missing // 2
            x = functional.pad(
                x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.missing - half))
        return functional.relu(y + x, inplace=True)


def resnet20():
    layers, channels = block(3, 16), 16
    for outputs in (16, 32, 64):
        for index in range(3):
            layers.append(Residual(channels, outputs, 2 if index == 0 and outputs > 16 else 1))
            channels = outputs
    return [*layers, nn.AdaptiveAvgPool2d(1)], channels


def vgg16():
    layers, channels = [], 3
    for depth, outputs in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(depth):
            layers += block(channels, outputs)
            channels = outputs
        layers.append(nn.MaxPool2d(2))
    return layers, channels


def mobilenet_v1():
    layers, channels = block(3, 32, stride=2, activation=nn.ReLU6), 32
    for outputs, stride in (
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
        (512, 1), (512, 1), (1024, 2), (1024, 1),
    ):
        layers += block(channels, channels, 3, stride, channels, nn.ReLU6)
        layers += block(channels, outputs, 1, activation=nn.ReLU6)
        channels = outputs
    return [*layers, nn.AdaptiveAvgPool2d(1)], channels


NETWORKS = {"resnet20": resnet20, "vgg16-bn": vgg16, "mobilenet-v1": mobilenet_v1}
WARM_UP = 3


def main():
    name, form = sys.argv[1:3]
    batch, side, classes, steps, threads = map(int, sys.argv[3:])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    layers, channels = NETWORKS[name]()
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, classes))
    images, labels = torch.randn(batch, 3, side, side), torch.randint(0, classes, (batch,))
    if form == "nhwc":
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    loss_of = nn.CrossEntropyLoss()
    for step in range(steps + WARM_UP):
        if step == WARM_UP:
            start = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_of(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
    print(steps * batch / (time.perf_counter() - start))


main()
