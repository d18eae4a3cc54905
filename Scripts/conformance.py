"""Runs ONNX's node tests (those of the onnx package, 1.21.0) and writes Documentation/operators.md.

Prints a line per operator. With names of operators or tests as arguments, prints the reasons of
those only and writes nothing. Ends with status 1 when a test fails.
"""
import collections
import pathlib
import subprocess
import sys

import onnx

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = ROOT / ".build/release/PithConformance"
CASES = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
TABLE = ROOT / "Documentation/operators.md"
SECONDS = 60

# Tests whose outcome is meant to differ.
DIFFERENT = {
    f"test_resize_downsample_scales_{mode}_align_corners":
        "corners are aligned to the rounded size, as ONNX Runtime does, not to the unrounded one"
    for mode in ("linear", "cubic")
} | {
    f"test_qlinearmatmul_{rank}_int8_{scales}":
        "results beyond the range of int8 are clamped, as the operator's text says, not wrapped"
    for rank in ("2D", "3D") for scales in ("float16", "float32")
}

Result = collections.namedtuple("Result", "verdict reason")


def run(names):
    """The result of each test. A program that dies or hangs has failed the test it was at."""
    results = {}
    while rest := [name for name in names if name not in results]:
        program = subprocess.Popen(
            [PROGRAM, CASES], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        try:
            output, _ = program.communicate("\n".join(rest) + "\n", timeout=SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
            output, _ = program.communicate()
        for line in output.splitlines():
            verdict, name, reason = line.split("\t")
            if verdict == "failed" and name in DIFFERENT:
                verdict, reason = "unsupported", DIFFERENT[name]
            results[name] = Result(verdict, reason)
        missing = [name for name in rest if name not in results]
        if missing:
            results[missing[0]] = Result("failed", f"the program ended with {program.returncode}")
    return results


def operators(names):
    """The operator that each test is about: for one spelled out in others, the one it stands for."""
    found = {}
    for name in names:
        plain = name.split("_expanded")[0]
        folder = CASES / (plain if (CASES / plain).exists() else name)
        nodes = onnx.load(folder / "model.onnx").graph.node
        made = [node for node in nodes if node.op_type != "Constant"] or nodes
        node = made[-1]
        found[name] = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
    return found


def counts(results):
    return [sum(r.verdict == v for r in results) for v in ("passed", "failed", "unsupported")]


def reasons(results):
    """Why tests of one operator do not pass: each reason once, without the names of nodes."""
    found = collections.Counter()
    for result in results:
        if result.verdict != "passed":
            reason = result.reason
            if reason.startswith("node '") and "): " in reason:
                reason = reason.split("): ", 1)[1]
            if reason.startswith("tensor '") and "': " in reason:
                reason = reason.split("': ", 1)[1]
            found[reason.replace("not supported: ", "")] += 1
    return [reason for reason, _ in found.most_common(4)]


def table(groups):
    passed, failed, unsupported = counts([r for results in groups.values() for r in results])
    total = passed + failed + unsupported
    lines = [
        "# Operators",
        "",
        f"ONNX {onnx.__version__} has {total} tests of single operators. Pith passes **{passed}**, "
        f"fails {failed}, and refuses {unsupported} with an error that says what is not supported.",
        "",
        "`make conformance` runs them and writes this page. A test passes when the compiled model's "
        "outputs have",
        "the expected types and shapes, the same whole numbers, and numbers within 1e-3 of the "
        "expected ones (8e-3 in",
        "bfloat16). Inputs that have to be known before running (axes, target shapes) are given as "
        "constants. A test of",
        "an operator spelled out in simpler ones (`_expanded`) counts for the operator.",
        "",
        "| operator | tests | passed | failed | unsupported | why not |",
        "|---|---|---|---|---|---|",
    ]
    for operator, results in sorted(groups.items(), key=lambda item: item[0].lower()):
        numbers = " | ".join(str(n) if n else "" for n in counts(results))
        why = "; ".join(reasons(results)).replace("|", "\\|")
        lines.append(f"| {operator} | {len(results)} | {numbers} | {why} |")
    return "\n".join(lines) + "\n"


def main():
    names = sorted(path.name for path in CASES.iterdir())
    kinds = operators(names)
    wanted = sys.argv[1:]
    if wanted:
        names = [name for name in names if name in wanted or kinds[name] in wanted]
    results = run(names)
    if wanted:
        for name in names:
            print(kinds[name], name, *results[name])
        return 0
    groups = collections.defaultdict(list)
    for name in names:
        groups[kinds[name]].append(results[name])
    for operator, group in sorted(groups.items()):
        print(f"{operator:32}", *(f"{n:5}" for n in counts(group)), "; ".join(reasons(group)))
    for name in names:
        if results[name].verdict == "failed":
            print("failed:", name, results[name].reason)
    passed, failed, unsupported = counts(results.values())
    print(f"{passed} passed, {failed} failed, {unsupported} unsupported of {len(names)}")
    TABLE.write_text(table(groups))
    return 1 if failed else 0


sys.exit(main())
