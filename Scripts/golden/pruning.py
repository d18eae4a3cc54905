#!/usr/bin/env python3
"""Writes Tests/PithCompressionTests/Fixtures/pruning.json.

Needs numpy==2.4.6 and torch==2.15.0.

A small network (convolution - normalisation - ReLU, a residual block, a convolution in two groups,
a matrix product whose last inputs are dead), images, and what each criterion says of its weights:
gradients by PyTorch, sample by sample; lookahead by the formula; the losses of optimal brain surgery
by least squares, solved anew for every weight that could go next. And what criteria say of its channels.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as nn

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithCompressionTests/Fixtures"
SAMPLES, BATCH, EPSILON = 64, 32, 1e-5


def numbers(array, digits=9):
    return [float(f"{value:.{digits}g}") for value in np.asarray(array, np.float64).ravel()]


def network(random):
    w = {
        "conv1.weight": random.normal(0, 0.4, (4, 2, 3, 3)),
        "conv1.bias": random.normal(0, 0.2, 4),
        "conv2.weight": random.normal(0, 0.3, (4, 4, 3, 3)),
        "conv3.weight": random.normal(0, 0.4, (6, 2, 3, 3)),
        "conv3.bias": random.normal(0, 0.2, 6),
        "fc.weight": random.normal(0, 0.3, (3, 24)),
        "fc.bias": random.normal(0, 0.1, 3),
    }
    for name in ["bn1", "bn2"]:
        w[f"{name}.weight"] = random.uniform(0.5, 1.5, 4)
        w[f"{name}.bias"] = random.normal(0, 0.2, 4)
        w[f"{name}.mean"] = random.normal(0, 0.2, 4)
        w[f"{name}.variance"] = random.uniform(0.5, 2, 4)
    w["conv3.bias"][5] = -100  # what it gives is cut off: four inputs of the matrix product are dead
    return {name: np.round(value, 4) for name, value in w.items()}


def forward(w, x, gates=torch.ones(4, dtype=torch.float64)):
    """The scores and the input of each layer. Gates multiply the channels of the stream, which two
    normalisations write to."""
    norm = lambda name, y: gates[None, :, None, None] * nn.batch_norm(
        y, w[f"{name}.mean"], w[f"{name}.variance"], w[f"{name}.weight"], w[f"{name}.bias"],
        eps=EPSILON)
    r1 = torch.relu(norm("bn1", nn.conv2d(x, w["conv1.weight"], w["conv1.bias"], padding=1)))
    r2 = torch.relu(norm("bn2", nn.conv2d(r1, w["conv2.weight"], padding=1)) + r1)
    r3 = torch.relu(nn.conv2d(r2, w["conv3.weight"], w["conv3.bias"], stride=2, groups=2))
    flat = r3.flatten(1)
    return nn.linear(flat, w["fc.weight"], w["fc.bias"]), {
        "conv1": x, "conv2": r1, "conv3": r2, "fc": flat}


LAYERS = ["conv1", "conv2", "conv3", "fc"]


def gradients(w, loss):
    return torch.autograd.grad(loss, [w[f"{name}.weight"] for name in LAYERS])


def by_gradients(w, x, labels):
    """Taylor, Fisher and optimal brain damage."""
    weights = [w[f"{name}.weight"].detach().numpy() for name in LAYERS]
    taylor, fisher, damage = ([np.zeros_like(v) for v in weights] for _ in range(3))
    for start in range(0, SAMPLES, BATCH):
        batch = slice(start, start + BATCH)
        loss = nn.cross_entropy(forward(w, x[batch])[0], labels[batch])
        for sum, weight, gradient in zip(taylor, weights, gradients(w, loss)):
            sum += np.abs(weight * gradient.numpy()) * BATCH / SAMPLES
    for index in range(SAMPLES):
        logits = forward(w, x[index:index + 1])[0]
        loss = nn.cross_entropy(logits, labels[index:index + 1])
        for sum, weight, gradient in zip(
                fisher, weights, torch.autograd.grad(
                    loss, [w[f"{n}.weight"] for n in LAYERS], retain_graph=True)):
            sum += weight**2 * gradient.numpy()**2 / 2 / SAMPLES
        # J^T (diag(p) - p p^T) J on the diagonal
        p = torch.softmax(logits[0], 0).detach()
        curvature = (torch.diag(p) - torch.outer(p, p)).numpy()
        rows = [torch.autograd.grad(
            logits[0, k], [w[f"{n}.weight"] for n in LAYERS], retain_graph=True)
            for k in range(3)]
        for layer, (sum, weight) in enumerate(zip(damage, weights)):
            j = np.stack([row[layer].numpy() for row in rows])
            sum += weight**2 / 2 * np.einsum("k...,kl,l...->...", j, curvature, j) / SAMPLES
    return {"taylor": taylor, "fisher": fisher, "obd": damage}


def by_gates(w, x, labels):
    """Of channels: squared derivatives with respect to gates that are open, and scales. The grouped
    convolution ties the channels of each half together."""
    gates = torch.ones(2, dtype=torch.float64, requires_grad=True)

    def squares(batch):
        sum = np.zeros(2)
        for start in range(0, SAMPLES, batch):
            part = slice(start, start + batch)
            logits = forward(w, x[part], gates.repeat_interleave(2))[0]
            loss = nn.cross_entropy(logits, labels[part])
            sum += torch.autograd.grad(loss, gates)[0].numpy()**2 * batch / SAMPLES
        return sum

    scales = (w["bn1.weight"].abs() + w["bn2.weight"].abs()).numpy()
    return {
        "taylor": squares(BATCH), "fisher": squares(1) / 2,
        "slimming": scales.reshape(2, 2).sum(1)}


def lookahead(w):
    square = lambda name, axes: (w[f"{name}.weight"].detach().numpy()**2).sum(axes)
    factor = lambda name: (w[f"{name}.weight"]**2 / (w[f"{name}.variance"] + EPSILON)).numpy()
    a1, a2 = factor("bn1"), factor("bn2")
    w1, w2, w3, fc = (w[f"{name}.weight"].detach().numpy()**2 for name in LAYERS)
    # By input channel of the grouped convolution.
    channels3 = np.concatenate([w3[:3].sum((0, 2, 3)), w3[3:].sum((0, 2, 3))])
    first = w1 * (a1 * (w2.sum((0, 2, 3)) + 1))[:, None, None, None]
    before2 = a1 * square("conv1", (1, 2, 3))
    second = w2 * before2[None, :, None, None] * (a2 * channels3)[:, None, None, None]
    before3 = a2 * square("conv2", (1, 2, 3)) + 1
    grouped = np.stack([before3[:2]] * 3 + [before3[2:]] * 3)
    behind3 = fc.sum(0).reshape(6, 4).sum(1)
    third = w3 * grouped[:, :, None, None] * behind3[:, None, None, None]
    last = fc * np.repeat(square("conv3", (1, 2, 3)), 4)[None]
    return [first, second, third, last]


def patches(layer, value):
    """By group, the patches as rows."""
    if layer == "fc":
        return [value.numpy()]
    options = {"conv1": dict(padding=1), "conv2": dict(padding=1), "conv3": dict(stride=2)}[layer]
    parts = value.chunk(2 if layer == "conv3" else 1, dim=1)
    return [
        nn.unfold(part, 3, **options).transpose(1, 2).flatten(0, 1).numpy() for part in parts]


def fitted(x, w, kept):
    """Least squares of what w gives, with the weights that are kept; and the error, squared."""
    target = x @ w
    solution = np.zeros_like(w)
    if kept:
        solution[kept] = np.linalg.lstsq(x[:, kept], target, rcond=None)[0]
    return solution, ((x @ solution - target)**2).sum()


def surgery(weights, groups):
    """Of each weight: what removing it costs the layer, one at a time and in turn; and the weights
    that are left of a mask, which is every third weight being pruned, fitted again."""
    rows = weights.reshape(len(weights), -1)
    size = len(rows) // len(groups)
    one, turn, refit = np.zeros_like(rows), np.zeros_like(rows), np.zeros_like(rows)
    energy = 0
    for index, row in enumerate(rows):
        x = groups[index // size]
        alive = [p for p in range(len(row)) if np.any(x[:, p] != 0)]
        row = np.where(np.isin(np.arange(len(row)), alive), row, 0)
        energy += ((x @ row)**2).sum()
        for place in alive:
            one[index, place] = fitted(x, row, [p for p in alive if p != place])[1]
        kept, error, largest = list(alive), 0, 0
        while kept:
            errors = [fitted(x, row, [p for p in kept if p != place])[1] for place in kept]
            best = int(np.argmin(errors))
            largest = max(largest, errors[best] - error)
            error = errors[best]
            turn[index, kept.pop(best)] = largest
        # Counted over the whole tensor.
        flat = np.arange(len(row)) + index * len(row)
        refit[index] = fitted(x, row, [p for p in alive if flat[p] % 3 != 0])[0]
    shape = weights.shape
    return one.reshape(shape) / energy, turn.reshape(shape) / energy, refit.reshape(shape)


def main():
    random = np.random.default_rng(11)
    plain = network(random)
    images = np.round(random.normal(0, 1, (SAMPLES, 2, 5, 5)), 2)
    labels = random.integers(0, 3, SAMPLES)
    w = {name: torch.tensor(value) for name, value in plain.items()}
    for name in LAYERS:
        w[f"{name}.weight"].requires_grad_()
    x, y = torch.tensor(images), torch.tensor(labels)
    scores = by_gradients(w, x, y)
    scores["lookahead"] = lookahead(w)
    inputs = {name: value.detach() for name, value in forward(w, x)[1].items()}
    each = [surgery(plain[f"{name}.weight"], patches(name, inputs[name])) for name in LAYERS]
    scores["obs"] = [one for one, _, _ in each]
    scores["exact-obs"] = [turn for _, turn, _ in each]
    golden = {
        "weights": {n: {"shape": list(v.shape), "values": numbers(v)} for n, v in plain.items()},
        "images": numbers(images, 4),
        "labels": [int(label) for label in labels],
        "scores": {
            criterion: {name: numbers(v, 6) for name, v in zip(LAYERS, values)}
            for criterion, values in scores.items()},
        "channels": {
            criterion: numbers(values, 6) for criterion, values in by_gates(w, x, y).items()},
        "refitted": {name: numbers(refit, 6) for name, (_, _, refit) in zip(LAYERS, each)},
    }
    with open(OUT / "pruning.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main()
