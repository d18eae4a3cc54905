"""Median milliseconds of a network in DeepSparse; what `sparse_inference.py` runs, with the Python of
DeepSparse's own environment. Arguments: model, batch, threads, runs."""

import sys
import time

import deepsparse
import numpy


def main():
    model = sys.argv[1]
    batch, threads, runs = map(int, sys.argv[2:])
    engine = deepsparse.compile_model(model, batch_size=batch, num_cores=threads)
    images = [
        numpy.random.default_rng(1).normal(0, 0.6, (batch, *shape[1:])).astype(numpy.float32)
        for shape in engine.input_shapes]
    times = []
    for run in range(runs + 10):
        start = time.perf_counter()
        engine.run(images)
        if run >= 10:
            times.append(1000 * (time.perf_counter() - start))
    print(sorted(times)[len(times) // 2])


main()
