#!/usr/bin/env python3
"""Writes Tests/PithTrainingTests/Fixtures: three training steps of many architectures by PyTorch.

Needs torch==2.15.0, onnx==1.21.0, numpy==2.4.6. Of built-in architectures only the results are
stored, their weights being drawn as the tests draw them; the encoder-decoder and the transformer are
stored as ONNX files with their weights, exported as networks are while they are being trained.
"""
import math

import onnx
import torch
import torch.nn.functional as F
from torch import nn

from training import OUT, CIFARResNet, initialize, steps


class Layers(nn.Module):
    """Layers one behind the other; names with dots, as state dictionaries have them."""
    image = (3, 32, 32)

    def __init__(self, channels=3):
        super().__init__()
        self.order, self.channels = [], channels

    def put(self, path, module):
        *folders, name = path.split(".")
        parent = self
        for folder in folders:
            if folder not in parent._modules:
                parent.add_module(folder, nn.Module())
            parent = parent._modules[folder]
        parent.add_module(name, module)
        return module

    def add(self, *functions):
        self.order += functions

    def block(self, name, filters, kernel, stride=1, groups=1, activation=F.relu6):
        """Convolution, normalisation and, unless it is None, an activation."""
        functions = [
            self.put(f"{name}.conv", nn.Conv2d(
                self.channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False)),
            self.put(f"{name}.bn", nn.BatchNorm2d(filters))]
        self.channels = filters
        return functions + ([activation] if activation else [])

    def classify(self, classes=10):
        self.add(lambda x: x.mean((2, 3)),
                 self.put("classifier", nn.Linear(self.channels, classes)))
        return self

    def forward(self, x):
        for function in self.order:
            x = function(x)
        return x


def vgg16(width):
    layers = Layers()
    for stage, (depth, filters) in enumerate(zip([2, 2, 3, 3, 3], [64, 128, 256, 512, 512])):
        for index in range(depth):
            layers.add(*layers.block(
                f"stage{stage + 1}.{index}", round(filters * width), 3, activation=F.relu))
        layers.add(lambda x: F.max_pool2d(x, 2))
    return layers.classify()


def eighth(filters, width):
    """The nearest multiple of eight channels, no less than nine tenths of the exact number."""
    exact = filters * width
    rounded = max(8, int(exact + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * exact else rounded


def mobilenet_v1(width):
    """With a first convolution of stride 1, as is usual on small images."""
    layers = Layers()
    layers.add(*layers.block("stem", eighth(32, width), 3))
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5
    for index, (filters, stride) in enumerate(blocks + [(1024, 2), (1024, 1)]):
        name, channels = f"block{index + 1}", layers.channels
        layers.add(*layers.block(f"{name}.depthwise", channels, 3, stride, channels))
        layers.add(*layers.block(f"{name}.pointwise", eighth(filters, width), 1))
    return layers.classify()


class Bottleneck:
    def __init__(self, layers, name, filters, expansion, stride):
        channels = layers.channels
        self.adds = stride == 1 and channels == filters
        self.order = []
        if expansion != 1:
            self.order += layers.block(f"{name}.expand", channels * expansion, 1)
        channels = layers.channels
        self.order += layers.block(f"{name}.depthwise", channels, 3, stride, channels)
        self.order += layers.block(f"{name}.project", filters, 1, activation=None)

    def __call__(self, x):
        y = x
        for function in self.order:
            y = function(y)
        return x + y if self.adds else y


def mobilenet_v2(width):
    """With two strides fewer, as is usual on small images."""
    layers = Layers()
    layers.add(*layers.block("stem", eighth(32, width), 3))
    stages = [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
              (6, 160, 3, 2), (6, 320, 1, 1)]
    for stage, (expansion, filters, count, stride) in enumerate(stages):
        for index in range(count):
            layers.add(Bottleneck(
                layers, f"stage{stage + 1}.{index}", eighth(filters, width), expansion,
                1 if index else stride))
    layers.add(*layers.block("head", 1280, 1))
    return layers.classify()


class EncoderDecoder(nn.Module):
    """Two halvings, two transposed convolutions back, each joined with what it came from."""
    image = (3, 16, 16)

    def __init__(self):
        super().__init__()
        sizes = {"down1": (3, 8), "down2": (8, 12), "middle": (12, 16), "up2": (24, 12),
                 "up1": (16, 8)}
        for name, (channels, filters) in sizes.items():
            setattr(self, f"{name}_conv", nn.Conv2d(channels, filters, 3, padding=1))
            setattr(self, f"{name}_norm", nn.BatchNorm2d(filters))
        self.widen2 = nn.ConvTranspose2d(16, 12, 2, 2)
        self.widen1 = nn.ConvTranspose2d(12, 8, 4, 2, 1)
        self.last = nn.Conv2d(8, 2, 1)

    def block(self, name, x):
        return F.leaky_relu(getattr(self, f"{name}_norm")(getattr(self, f"{name}_conv")(x)), 0.1)

    def forward(self, x):
        first = self.block("down1", x)
        second = self.block("down2", F.max_pool2d(first, 2))
        x = self.block("middle", F.avg_pool2d(second, 2))
        x = self.block("up2", torch.cat([self.widen2(x), second], 1))
        x = self.block("up1", torch.cat([self.widen1(x), first], 1))
        return torch.sigmoid(self.last(x))


class Attention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))

    def forward(self, x):
        batch, length, size = x.shape
        parts = [layer(x).view(batch, length, self.heads, size // self.heads).transpose(1, 2)
                 for layer in (self.query, self.key, self.value)]
        scores = parts[0] @ parts[1].transpose(2, 3) / math.sqrt(size // self.heads)
        x = (torch.softmax(scores, 3) @ parts[2]).transpose(1, 2).reshape(batch, length, size)
        return self.out(x)


class Encoder(nn.Module):
    """Attention and two layers, each normalised before and added to what it read."""

    def __init__(self, size, heads, hidden):
        super().__init__()
        self.attention = Attention(size, heads)
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.fc1, self.fc2 = nn.Linear(size, hidden), nn.Linear(hidden, size)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.fc2(F.gelu(self.fc1(self.norm2(x)))))


class Transformer(nn.Module):
    """Two encoders over sequences of 12 vectors of 10, the mean over positions, ten classes."""
    image = (12, 10)

    def __init__(self, size=16, heads=2, hidden=32):
        super().__init__()
        self.embed = nn.Linear(10, size)
        self.position = nn.Parameter(torch.zeros(12, size))
        self.encoder1, self.encoder2 = (Encoder(size, heads, hidden) for _ in range(2))
        self.norm = nn.LayerNorm(size)
        self.classifier = nn.Linear(size, 10)

    def forward(self, x):
        x = self.encoder2(self.encoder1(self.embed(x) + self.position))
        return self.classifier(self.norm(x).mean(1))


def export(name, model):
    """The network as it stands, normalising by the batch and with active dropout."""
    path = OUT / f"{name}.onnx"
    torch.onnx.export(
        model.train(), (torch.zeros(2, *model.image),), path, dynamo=False,
        training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False, opset_version=17,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
    # To export is to run the network once, which moves running statistics.
    with torch.no_grad():
        state = initialize(model)
    file = onnx.load(path)
    for weight in file.graph.initializer:
        weight.CopyFrom(onnx.numpy_helper.from_array(state[weight.name].numpy(), weight.name))
    onnx.checker.check_model(file, full_check=True)
    onnx.save(file, path)


if __name__ == "__main__":
    steps("vgg16-bn", vgg16(0.25), rate=0.001, decay=0.05, seed=1, count=3, places=8,
          relative=1e-3)
    steps("resnet56", CIFARResNet(9, 8), rate=0.0001, decay=0.05, seed=1, count=3, places=8)
    steps("mobilenet-v1", mobilenet_v1(0.25), rate=0.00001, decay=0.05, seed=10, count=3, places=8,
          way=0.1, relative=1e-3)
    steps("mobilenet-v2", mobilenet_v2(0.25), rate=0.00001, decay=0.05, seed=3, count=3, places=8,
          way=0.1, relative=1e-3)
    export("encoder-decoder", EncoderDecoder())
    steps("encoder-decoder", EncoderDecoder(), rate=0.01, decay=0.05, seed=1, count=3,
          target=(2, 16, 16))
    export("transformer", Transformer())
    steps("transformer", Transformer(), rate=0.01, decay=0.05, seed=1, count=3)
