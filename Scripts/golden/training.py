#!/usr/bin/env python3
"""Writes Tests/PithTrainingTests/Fixtures/*.json: what PyTorch and NumPy make of training.

Needs torch==2.15.0, numpy==2.4.6. Weights and images are drawn by a generator that the tests repeat,
so that only results are stored.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithTrainingTests/Fixtures"
OUT.mkdir(parents=True, exist_ok=True)
torch.set_num_threads(1)


class Numbers:
    """x <- 1664525 x + 1013904223 mod 2^32 (Numerical Recipes); numbers in [-1, 1)."""

    def __init__(self, seed):
        self.state = seed

    def integer(self, limit):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state >> 16) % limit

    def array(self, *shape, scale=1.0, offset=0.0):
        values = []
        for _ in range(math.prod(shape)):
            self.state = (1664525 * self.state + 1013904223) % 2**32
            values.append((self.state >> 8) / 2**23 - 1)
        values = np.array(values, np.float32).reshape(shape)
        return values * np.float32(scale) + np.float32(offset)


def philox(counter, key):
    """The 128-bit block of Philox4x32-10 at a counter (Salmon et al. 2011), as two 64-bit words."""
    c = [counter >> 32 * i & 0xFFFFFFFF for i in range(4)]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        low, high = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(high >> 32) ^ c[1] ^ k[0], high & 0xFFFFFFFF,
             (low >> 32) ^ c[3] ^ k[1], low & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0] | c[1] << 32, c[2] | c[3] << 32


def epoch_order(count, seed, epoch):
    """The order in which the loader gives the samples of an epoch (Fisher and Yates)."""
    stream = 0x44415401 << 32 | epoch
    words = [w for n in range(count) for w in philox(stream << 64 | n, seed)]
    order = list(range(count))
    for index, word in zip(range(count - 1, 0, -1), words):
        other = word % (index + 1)
        order[index], order[other] = order[other], order[index]
    return order


def numbers(array):
    return [float(f"{x:.9g}") for x in np.asarray(array, np.float64).reshape(-1)]


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


class LeNet5(nn.Module):
    image = (1, 28, 28)

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)
        self.fc1, self.fc2 = nn.Linear(800, 500), nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2)
        x = F.max_pool2d(self.conv2(x), 2).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.extra = (filters - channels) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.extra:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.extra, self.extra))
        return F.relu(x + y)


class CIFARResNet(nn.Module):
    image = (3, 32, 32)

    def __init__(self, depth, channels=16):
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        for stage, filters in enumerate([channels, 2 * channels, 4 * channels]):
            blocks = []
            for index in range(depth):
                blocks.append(Block(channels, filters, 2 if stage and not index else 1))
                channels = filters
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(channels, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def initialize(model):
    """Draws each weight from a generator of its own, seeded by its place among the sorted names."""
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    for index, name in enumerate(sorted(state)):
        shape = tuple(state[name].shape)
        source = Numbers(index + 1)
        if len(shape) > 1:
            value = source.array(*shape, scale=math.sqrt(3 / math.prod(shape[1:])))
        elif name.endswith("running_var") or name.endswith("weight"):
            value = source.array(*shape, scale=0.25, offset=1)
        else:
            value = source.array(*shape, scale=0.1)
        state[name].copy_(torch.from_numpy(value))
    return state


def steps(name, model, rate, decay, seed, batch=8, count=5, target=None, places=24,
          way=0.03, relative=1e-4):
    """Steps of SGD with momentum, weight decay on what multiplies alone, each on a batch of its own.

    The loss is cross-entropy over ten classes, or where `target` is the shape of a sample's target
    the mean squared error. In double precision, and at a low rate: where a rectifier's input is so
    near zero that rounding brings it to the other side, all weights before it move otherwise; `way` is
    the share of their way that this may come to, `relative` the share of losses and weights. PyTorch's
    own steps in float32 stray from these by up to 8e-5 of a weight in resnet20 and by 4e-4 in
    vgg16-bn, by the instructions that it may use (ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA).
    """
    state = initialize(model.double())
    before = {k: v.clone().numpy().reshape(-1) for k, v in state.items()}
    source = Numbers(seed)
    images = source.array(batch * count, *model.image, scale=0.5, offset=0.5)
    if target is None:
        answers = np.array([source.integer(10) for _ in range(batch * count)])
    else:
        answers = source.array(batch * count, *target).astype(np.float64)
    order = epoch_order(batch * count, 3, 0)
    named = dict(model.named_parameters())
    weights = {k for k, p in named.items() if p.ndim > 1 and k != "position"}
    optimizer = torch.optim.SGD(
        [{"params": [named[k] for k in named if k in weights], "weight_decay": decay},
         {"params": [named[k] for k in named if k not in weights], "weight_decay": 0}],
        lr=rate, momentum=0.9)
    losses, right = [], 0
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    for step in range(count):
        rows = order[step * batch:(step + 1) * batch]
        answer = torch.from_numpy(answers[rows])
        output = model(torch.from_numpy(images[rows]).double())
        loss = F.cross_entropy(output, answer) if target is None else F.mse_loss(output, answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if target is None:
            right += (output.argmax(1) == answer).sum().item()
    weights = {}
    for key, value in state.items():
        flat = value.numpy().reshape(-1)
        sampled = slice(None, None, max(1, len(flat) // places))
        weights[key] = {
            "norm": float(np.linalg.norm(flat)), "moved": float(np.linalg.norm(flat - before[key])),
            "samples": numbers(flat[sampled]),
        }
    write(name, {
        "rate": rate, "decay": decay, "seed": seed, "losses": numbers(losses),
        "right": right, "places": places, "way": way,
        "relative": relative, "weights": weights})


def losses():
    """Each loss with its gradient."""
    cases = []

    def add(word, function, rows=6, classes=5, **settings):
        source = Numbers(len(cases) + 1)
        logits = torch.from_numpy(source.array(rows, classes, scale=3)).requires_grad_()
        teacher = torch.from_numpy(source.array(rows, classes, scale=3))
        labels = [source.integer(classes) for _ in range(rows)]
        loss = function(logits, torch.tensor(labels), teacher)
        loss.backward()
        right = (logits.argmax(1) == torch.tensor(labels)).sum().item()
        cases.append({
            "loss": word, **settings, "rows": rows, "classes": classes,
            "value": loss.item(), "gradient": numbers(logits.grad), "right": right})

    def distilled(temperature, labels):
        def function(z, y, t):
            soft = F.kl_div(
                F.log_softmax(z / temperature, 1), F.softmax(t / temperature, 1),
                reduction="batchmean")
            return labels * F.cross_entropy(z, y) + (1 - labels) * temperature**2 * soft
        return function

    add("cross-entropy", lambda z, y, t: F.cross_entropy(z, y), smoothing=0)
    add("cross-entropy", lambda z, y, t: F.cross_entropy(z, y, label_smoothing=0.1), smoothing=0.1)
    add("cross-entropy", lambda z, y, t: F.cross_entropy(z, y), rows=3, classes=300, smoothing=0)
    add("mean-squared-error",
        lambda z, y, t: F.mse_loss(z, F.one_hot(y, z.shape[1]).float()))
    add("distillation", distilled(4, 0.1), temperature=4, labels=0.1)
    add("distillation", distilled(1, 0.5), temperature=1, labels=0.5)
    add("distillation", distilled(20, 0), temperature=20, labels=0, rows=65)
    add("logits", lambda z, y, t: F.mse_loss(z, t), labels=0)
    add("logits", lambda z, y, t: 0.3 * F.cross_entropy(z, y) + 0.7 * F.mse_loss(z, t),
        labels=0.3)
    write("losses", cases)


def optimizers():
    """Weights after each of several steps with given gradients and a changing rate."""
    rates = [0.1, 0.1, 0.05, 0.05, 0.01]
    cases = []
    for word, make in [
        ("sgd", lambda p, d: torch.optim.SGD(p, 1, momentum=0.9, weight_decay=d)),
        ("nesterov",
         lambda p, d: torch.optim.SGD(p, 1, momentum=0.9, weight_decay=d, nesterov=True)),
        ("adam", lambda p, d: torch.optim.Adam(p, 1, weight_decay=d)),
        ("adamw", lambda p, d: torch.optim.AdamW(p, 1, weight_decay=d)),
    ]:
        for decay in [0, 0.1]:
            source = Numbers(11)
            weight = torch.from_numpy(source.array(4, 3)).requires_grad_()
            initial = numbers(weight.detach())
            optimizer = make([weight], decay)
            gradients, weights = [], []
            for rate in rates:
                gradient = source.array(4, 3)
                weight.grad = torch.from_numpy(gradient)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.step()
                gradients.append(numbers(gradient))
                weights.append(numbers(weight.detach()))
            cases.append({
                "optimizer": word, "decay": decay, "rates": rates, "initial": initial,
                "gradients": gradients, "weights": weights})
    write("optimizers", cases)


def evaluation():
    """Accuracy, loss and confusion of a linear classifier over 50 samples of 8 classes."""
    source = Numbers(21)
    weight, bias = source.array(8, 12), source.array(8)
    images = source.array(50, 12)
    labels = np.array([source.integer(8) for _ in range(50)])
    scores = images.astype(np.float64) @ weight.T.astype(np.float64) + bias
    logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    place = (scores > scores[np.arange(50), labels][:, None]).sum(1)
    confusion = np.zeros((8, 8), int)
    np.add.at(confusion, (labels, scores.argmax(1)), 1)
    write("evaluation", {
        "top1": float((place < 1).mean()), "top5": float((place < 5).mean()),
        "loss": float(-logs[np.arange(50), labels].mean()), "confusion": confusion.tolist()})


if __name__ == "__main__":
    steps("lenet-5", LeNet5(), rate=0.01, decay=0.05, seed=1000)
    steps("resnet20", CIFARResNet(3), rate=0.001, decay=0.05, seed=1, relative=1e-3)
    losses()
    optimizers()
    evaluation()
