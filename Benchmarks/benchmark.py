"""What the benchmarks share: finding the program and the data, running it, describing the machine."""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(FOLDER)
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


IMAGENET = "{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}"


def compare(name, model, training, rows, threads, source=None):
    """Runs methods as rows of one `pith compare`, on CIFAR-10 (JPEG edition) or other data, going on
    where it was stopped; ends with its status. `rows` are pairs of a name and a step."""
    folder = work(name)
    recipe = os.path.join(folder, "recipe.yaml")
    steps = "".join(f"  - {{name: {row}, steps: [{step}]}}\n" for row, step in rows)
    with open(recipe, "w") as file:
        file.write(f"augment: {{flip: true, crop: 4}}\nfine-tune: {{{training}}}\nrows:\n{steps}")
    print(machine(), flush=True)
    done = subprocess.run(
        [PITH, "compare", model, "--data", source or f"cifar10:{cifar10()}", "--preprocess", IMAGENET,
         "--recipe", recipe, "--threads", str(threads), "-o", os.path.join(folder, "comparison"),
         "--resume"])
    sys.exit(done.returncode)


def arguments(*defaults):
    """The leading numbers of the command line, defaults where they are missing, and the words."""
    given = sys.argv[1:]
    words = [word for word in given if not word.isdigit()]
    numbers = [int(word) for word in given if word.isdigit()]
    return numbers + list(defaults[len(numbers):]), words


def measured(*arguments):
    """Seconds and peak resident bytes of a command of pith."""
    command = [PITH, *map(str, arguments), "--quiet"]
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        peak = 0
        while child.poll() is None:
            peak = max(peak, high_water(child.pid))
            time.sleep(0.005)
        seconds = time.perf_counter() - start
        errors.seek(0)
        if child.returncode not in (0, 3):
            sys.exit(f"{' '.join(command)}\nended with {child.returncode}:\n{errors.read()[-2000:]}")
    return seconds, peak


def high_water(process):
    """The most bytes that a running process has had resident so far (Linux). The system's account of
    an ended one holds what its parent had too."""
    try:
        with open(f"/proc/{process}/status") as file:
            for line in file:
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def events(run):
    """Seconds since the epoch of each event that a run folder's log holds."""
    with open(os.path.join(run, "log.jsonl")) as file:
        entries = [json.loads(line) for line in file]
    return {
        entry["event"]: datetime.datetime.fromisoformat(
            entry["time"].replace("Z", "+00:00")).timestamp()
        for entry in entries}


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
