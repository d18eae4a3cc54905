"""K-means of every weight of EfficientNet-Lite0 in 256 clusters: `pith compress` against scikit-learn.

Both start from the same equal steps between the smallest and the largest weight, with at most 300
iterations and one start. Ours is the time of the whole step, its network written; scikit-learn's is of
`KMeans.fit` alone. Inertia is computed here from both results, in double precision.
Arguments: rounds of ours (default 3).
"""

import os
import time

import benchmark

CLUSTERS = 256
ITERATIONS = 300


def ours(model, folder):
    recipe = os.path.join(folder, "recipe.yaml")
    with open(recipe, "w") as file:
        file.write(
            f"steps:\n  - weight-sharing: {{clusters: {CLUSTERS}, initialization: linear, epochs: 0}}\n")
    run = os.path.join(folder, "run")
    benchmark.pith("compress", model, "--recipe", recipe, "-o", run, "--force")
    events = benchmark.events(run)
    return events["written"] - events["step"], os.path.join(run, "model.onnx")


def weights(model):
    import onnx
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(model).graph.initializer}


def inertia(weight, centres, places):
    import numpy

    return ((weight.ravel().astype(numpy.float64) - centres.ravel()[places.ravel()]) ** 2).sum()


def theirs(weight):
    import numpy
    from sklearn.cluster import KMeans

    column = weight.reshape(-1, 1)
    start = numpy.linspace(column.min(), column.max(), CLUSTERS).reshape(-1, 1)
    begin = time.perf_counter()
    means = KMeans(CLUSTERS, init=start, n_init=1, max_iter=ITERATIONS, tol=0).fit(column)
    seconds = time.perf_counter() - begin
    return seconds, inertia(weight, means.cluster_centers_.astype(numpy.float64), means.labels_)


def main():
    import warnings

    import numpy

    (rounds,), _ = benchmark.arguments(3)
    warnings.filterwarnings("ignore")
    model = benchmark.data("models", "imagenet", "efficientnet_lite0.onnx")
    folder = benchmark.work("weight-sharing")
    print(benchmark.machine(), f"- {rounds} rounds of ours, seconds")
    runs = [ours(model, folder) for _ in range(rounds)]
    before, after = weights(model), weights(runs[0][1])
    names = [name[: -len(".codebook")] for name in after if name.endswith(".codebook")]
    seconds, rows = 0, []
    for name in names:
        took, their = theirs(before[name])
        seconds += took
        our = inertia(
            before[name], after[name + ".codebook"].astype(numpy.float64), after[name + ".indices"])
        rows.append((our / their, our, their, name))
        print(f"  {name:36} {before[name].size:9,} {our:.6f} {their:.6f} {our / their:.4f}", flush=True)
    our, their = (sum(row[place] for row in rows) for place in (1, 2))
    middle = benchmark.median([run[0] for run in runs])
    worse = [row for row in rows if row[0] > 1]
    print(
        f"{len(rows)} tensors, {sum(before[name].size for name in names):,} weights: ours {middle:.3f}, "
        f"scikit-learn {seconds:.1f}, ratio {seconds / middle:.0f}; inertia {our:.4f} against {their:.4f} "
        f"({our / their:.4f}), larger for {len(worse)} tensors, at most {max(rows)[0]:.4f} times")


if __name__ == "__main__":
    main()
