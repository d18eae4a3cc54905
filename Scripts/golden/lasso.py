#!/usr/bin/env python3
"""Writes Tests/PithCompressionTests/Fixtures/lasso.json.

Needs numpy==2.4.6, scikit-learn==1.9.1 and torch==2.15.0.

Lasso problems with scikit-learn's coefficients for some penalties, and the penalty at which each
coefficient enters its path by least angle regression. A small network (two convolutions and a
matrix product), images, the same entries for the channels of its layers, and the weights of the
layers that read them once some channels are gone, fitted by numpy's least squares.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as nn
from sklearn.linear_model import Lasso, lars_path

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithCompressionTests/Fixtures"
SAMPLES = 64
REMOVED = {"conv1": [1, 4], "conv2": [2]}


def numbers(array, digits=9):
    return [float(f"{value:.{digits}g}") for value in np.asarray(array, np.float64).ravel()]


def entries(columns, target):
    """The penalty at which each coefficient is first other than zero."""
    alphas, _, path = lars_path(columns, target, method="lasso", max_iter=10_000)
    found = np.zeros(columns.shape[1])
    for index, row in enumerate(path):
        nonzero = np.flatnonzero(row)
        if len(nonzero):
            found[index] = alphas[nonzero[0] - 1]
    return found


def problem(random, samples, count, correlation):
    common = random.normal(0, 1, (samples, 1))
    columns = (1 - correlation) * random.normal(0, 1, (samples, count)) + correlation * common
    target = columns @ random.normal(0, 1, count) + random.normal(0, 0.5, samples)
    gram, right = columns.T @ columns / samples, columns.T @ target / samples
    solutions = []
    for share in [0.5, 0.1, 0.01]:
        alpha = share * np.abs(right).max()
        model = Lasso(alpha=alpha, fit_intercept=False, tol=1e-14, max_iter=1_000_000)
        model.fit(columns, target)
        solutions.append({"lambda": alpha, "coefficients": numbers(model.coef_)})
    return {
        "gram": numbers(gram, 17), "target": numbers(right, 17), "solutions": solutions,
        "entries": numbers(entries(columns, target))}


def centered(array):
    return array - array.mean(axis=0)


def channel_entries(patches, weights, channels):
    """patches (rows, inputs), weights (inputs, filters), the inputs of each channel."""
    x = centered(patches)
    parts = np.stack([(x[:, c] @ weights[c]).ravel() for c in channels], axis=1)
    whole = parts.sum(axis=1)
    return entries(parts, whole) * len(whole) / (whole @ whole)


def fitted(patches, target):
    rows = np.concatenate([patches, np.ones((len(patches), 1))], axis=1)
    solution = np.linalg.lstsq(rows, target, rcond=None)[0]
    return solution[:-1], solution[-1]


def unfolded(value):
    return nn.unfold(torch.tensor(value), 3, stride=2).transpose(1, 2).flatten(0, 1).numpy()


def convolved(value, weight, bias, **options):
    return nn.conv2d(*map(torch.tensor, (value, weight, bias)), **options).numpy()


def channels_of_network(random):
    w = {
        "conv1.weight": random.normal(0, 0.4, (6, 2, 3, 3)),
        "conv1.bias": random.normal(0, 0.2, 6),
        "conv2.weight": random.normal(0, 0.3, (4, 6, 3, 3)),
        "conv2.bias": random.normal(0, 0.2, 4),
        "fc.weight": random.normal(0, 0.3, (3, 16)),
        "fc.bias": random.normal(0, 0.1, 3),
    }
    w = {name: value.astype(np.float32).astype(np.float64) for name, value in w.items()}
    images = np.round(random.normal(0, 1, (SAMPLES, 2, 5, 5)), 2)
    first = np.maximum(convolved(images, w["conv1.weight"], w["conv1.bias"], padding=1), 0)
    wanted = convolved(first, w["conv2.weight"], w["conv2.bias"], stride=2)
    second = np.maximum(wanted, 0).reshape(SAMPLES, 16)
    answers = second @ w["fc.weight"].T + w["fc.bias"]
    scores = {
        "conv1": channel_entries(
            unfolded(first), w["conv2.weight"].reshape(4, 54).T,
            [range(9 * c, 9 * c + 9) for c in range(6)]),
        "conv2": channel_entries(
            second, w["fc.weight"].T, [range(4 * c, 4 * c + 4) for c in range(4)]),
    }
    inner = [c for c in range(6) if c not in REMOVED["conv1"]]
    outer = [c for c in range(4) if c not in REMOVED["conv2"]]
    target = wanted[:, outer].transpose(0, 2, 3, 1).reshape(-1, len(outer))
    weight2, bias2 = fitted(unfolded(first[:, inner]), target)
    weight2 = weight2.T.reshape(len(outer), len(inner), 3, 3)
    less = np.maximum(convolved(first[:, inner], weight2, bias2, stride=2), 0)
    weight3, bias3 = fitted(less.reshape(SAMPLES, -1), answers)
    return {
        "weights": {n: {"shape": list(v.shape), "values": numbers(v)} for n, v in w.items()},
        "images": numbers(images, 4),
        "scores": {name: numbers(values) for name, values in scores.items()},
        "removed": REMOVED,
        "fitted": {
            "conv2.weight": numbers(weight2), "conv2.bias": numbers(bias2),
            "fc.weight": numbers(weight3.T), "fc.bias": numbers(bias3)},
    }


def main():
    random = np.random.default_rng(17)
    golden = {
        "problems": [problem(random, 60, 12, 0), problem(random, 80, 20, 0.6)],
        "network": channels_of_network(random),
    }
    with open(OUT / "lasso.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main()
