"""What the benchmarks share: finding the program and the data, running it, describing the machine."""

import json
import os
import platform
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PITH = os.path.join(ROOT, ".build", "release", "pith")


def data(*parts):
    """A path in the shared data, or the end of this benchmark with a word on what is missing."""
    base = os.environ.get("PITH_DATA", os.path.join(os.path.dirname(ROOT), "shared", "data"))
    path = os.path.join(base, *parts)
    if not os.path.exists(path):
        print(f"skipped: {'/'.join(parts)} is not there (set PITH_DATA to the folder that holds it)")
        sys.exit(0)
    return path


def work(name):
    """A folder for a benchmark's files that outlives it, so that a second run can go on."""
    base = os.environ.get("PITH_BENCH", os.path.join(tempfile.gettempdir(), "pith-bench"))
    path = os.path.join(base, name)
    os.makedirs(path, exist_ok=True)
    return path


def pith(*arguments, allowed=(0, 3)):
    """Runs a command with --json and gives the object it prints."""
    command = [PITH, *map(str, arguments), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def cifar10():
    """The official binary layout of the JPEG edition, made once."""
    folder = work("cifar10")
    if not os.path.exists(os.path.join(folder, "test_batch.bin")):
        subprocess.run([sys.executable, data("cifar10", "make_bins.py"), folder], check=True)
    return folder


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def mean_and_spread(values):
    mean = sum(values) / len(values)
    spread = (sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)) ** 0.5
    return mean, spread


def machine():
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            model = next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        pass
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}"
