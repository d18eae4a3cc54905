#!/usr/bin/env python3
"""Writes Tests/PithCompressionTests/Fixtures/kmeans.json: clusterings by scikit-learn.

Needs scikit-learn==1.9.1, numpy==2.4.6. Each case holds values, centroids to start from, and the
inertia (sum of squared distances) and centroids that Lloyd's algorithm ends with.
"""
import json
import pathlib

import numpy as np
from sklearn.cluster import KMeans

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithCompressionTests/Fixtures"


def case(values, start):
    values = np.round(values, 4)
    start = np.sort(np.round(start, 4))
    model = KMeans(len(start), init=start[:, None], n_init=1, tol=0, max_iter=10_000)
    model.fit(values[:, None])
    return {
        "values": values.tolist(),
        "start": start.tolist(),
        "inertia": model.inertia_,
        "centroids": np.sort(model.cluster_centers_[:, 0]).tolist(),
    }


def main():
    random = np.random.default_rng(7)
    normal = random.normal(0, 0.05, 600)
    peaks = np.concatenate([random.normal(m, 0.1, 150) for m in (-1, 0, 0.5, 2)])
    heavy = random.laplace(0, 0.1, 600)
    cases = [
        case(normal, np.linspace(normal.min(), normal.max(), 16)),
        case(normal, random.choice(normal, 32, replace=False)),
        case(peaks, np.quantile(peaks, (np.arange(4) + 0.5) / 4)),
        case(heavy, np.quantile(heavy, (np.arange(16) + 0.5) / 16)),
        case(heavy, random.choice(heavy, 5, replace=False)),
        # Most clusters are empty at first.
        case(heavy**3, np.linspace((heavy**3).min(), (heavy**3).max(), 64)),
    ]
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "kmeans.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
