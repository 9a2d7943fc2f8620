"""Our row on Bayesmark's leaderboard: ``python -m benchmarks.published.bayesmark --data DATA``.

Runs Bayesmark's own experiment (16 iterations of batches of 8) in its own environment with the
official baseline, and prints its final score, 100 (1 - loss). Published on all 108 tasks: HEBO
100.117, TuRBO 97.951. The default tasks are a subset that leaves the slow ones out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.problems.remote import folder_of
from benchmarks.rivals import METHODS
from benchmarks.rivals.process import child_environment, environments_folder, find_python

MODELS = ("SVM", "DT", "RF", "kNN", "lasso", "linear")
DATA = ("wine", "breast")
METRICS = ("nll", "acc")
_ITERATIONS, _BATCH = 16, 8


def write_config(folder: Path, methods: Sequence[str], environments: Path) -> None:
    """The folder that tells Bayesmark about the adapters."""
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = Path(__file__).with_name("bayesmark_optimizer.py")
    shutil.copy(wrapper, folder / wrapper.name)
    config = {}
    for name in methods:
        method = METHODS[name]
        python = find_python(method.environment, environments, imports=method.imports)
        budget = _ITERATIONS * _BATCH
        given = {"module": method.module, "argument": method.argument, "python": python}
        config[name] = [wrapper.name, given | {"budget": budget, "batch": _BATCH}]
    (folder / "config.json").write_text(json.dumps(config))


def score(bin_folder: Path, out: Path) -> str:
    """What Bayesmark's own analysis prints."""
    for step in ("bayesmark-agg", "bayesmark-anal"):
        command = [str(bin_folder / step), "-dir", str(out), "-b", "run", "-v"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=child_environment()
        )
        text = done.stdout + done.stderr
        if done.returncode:
            raise RuntimeError(f"{step} failed: {text[-2000:]}")
    return text


def final_scores(text: str) -> dict[str, dict[str, float]]:
    """100 (1 - loss) by kind ("visible": what was optimised, "generalization") and method."""
    found: dict[str, dict[str, float]] = {}
    for block in re.findall(r"Final scores \(JSON\):\s*(\{.*\})", text):
        for kind, losses in json.loads(block).items():
            scores = {
                name.split("_x.x.x")[0]: 100.0 * (1.0 - loss) for name, loss in losses.items()
            }
            found[kind.removesuffix("_to_opt").strip("_")] = scores
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.published.bayesmark", description=__doc__
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--methods", nargs="+", default=["bayesopt"], choices=sorted(METHODS))
    options.add_argument("--models", nargs="+", default=list(MODELS))
    options.add_argument("--sets", nargs="+", default=list(DATA))
    options.add_argument("--metrics", nargs="+", default=list(METRICS))
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--output", type=Path, default=Path("bayesmark-output"))
    options.add_argument("--environments", type=Path, default=environments_folder())
    given = options.parse_args(arguments)
    baseline = folder_of(given.data, "bayesmark", "rdturnermtl/bbo_challenge_starter_kit")
    bin_folder = Path(find_python("bayesmark", given.environments)).parent
    out = given.output.resolve()
    root = out / "adapters"
    write_config(root, given.methods, given.environments.resolve())
    if not (out / "run").exists():
        _call([str(bin_folder / "bayesmark-init"), "-dir", str(out), "-b", "run"])
    shutil.copy(baseline / "baseline-16-8.json", out / "run" / "derived" / "baseline.json")
    tasks = ["-c", *given.models, "-d", *given.sets, "-m", *given.metrics]
    size = ["-n", str(_ITERATIONS), "-p", str(_BATCH), "-r", str(given.repeats)]
    where = ["-dir", str(out), "-b", "run", "--opt-root", str(root)]
    # the launcher adds random search by itself, as the reference
    _call(
        [str(bin_folder / "bayesmark-launch"), *where, *size, "-o", *given.methods, *tasks, "-v"]
    )
    text = score(bin_folder, out)
    (out / "analysis.txt").write_text(text)
    print("| method | score on what is optimised | on held-out data |\n|---|---|---|")
    scores = final_scores(text)
    for name, value in sorted(scores["visible"].items(), key=lambda item: -item[1]):
        print(f"| {name} | {value:.3f} | {scores['generalization'][name]:.3f} |")
    return 0


def _call(command: Sequence[str]) -> None:
    env = child_environment() | {"PYTHONWARNINGS": "ignore"}
    env["PATH"] = str(Path(command[0]).parent) + os.pathsep + env["PATH"]
    subprocess.run(command, check=True, env=env, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
