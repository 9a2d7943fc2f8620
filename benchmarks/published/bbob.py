"""COCO bbob beside archived runs: ``python -m benchmarks.published.bbob --methods bayesopt``.

Runs the 24 functions x 5 instances in 5-d with 50 D evaluations and prints the fraction of the 51
targets 10^[2..-8] reached. The archived runs reach .168 (LHD-2x-MATSuMoTo .166), .168
(Ord-H-DTS-CMA-ES) and .170 (DIRECT) at 50 D, random search .065. ``--exdata FOLDER`` replays the
points through COCO's own observer, so that ``python -m cocopp FOLDER ARCHIVED.tgz`` compares them.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import report, run, store
from benchmarks.rivals import METHODS
from benchmarks.suites import problems_of

TARGETS = np.logspace(2.0, -8.0, 51)
AT = (10, 25, 50)


def fractions(runs: Sequence[store.Run], dimension: int) -> dict[int, float]:
    """Fraction of (run, target) pairs reached after n D evaluations, by n."""
    reached: dict[int, list[float]] = {n: [] for n in AT}
    for r in runs:
        gaps = np.array([e["true"] - r.head["optimum"] for e in r.evaluations])
        for n in AT:
            best = gaps[: n * dimension].min()
            reached[n].append(float((best <= TARGETS).mean()))
    return {n: float(np.mean(v)) for n, v in reached.items() if v}


def replay(runs: Sequence[store.Run], folder: str, name: str) -> None:
    """Evaluate a method's points again under COCO's observer."""
    import cocoex

    observer = cocoex.Observer("bbob", f"result_folder: {folder} algorithm_name: {name}")
    suite = cocoex.Suite("bbob", "instances: 1-5", "dimensions: 5")
    points = {}
    for r in runs:
        found = re.match(r"bbob/f(\d+)-i(\d+)-d(\d+)$", r.head["problem"])
        assert found is not None
        points[tuple(map(int, found.groups()))] = r
    for problem in suite:
        key = (problem.id_function, problem.id_instance, problem.dimension)
        if key in points:
            problem.observe_with(observer)
            for e in points[key].evaluations:
                problem(np.array(list(e["params"].values())))


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.published.bbob", description=__doc__
    )
    options.add_argument("--methods", nargs="+", default=["bayesopt"], choices=sorted(METHODS))
    options.add_argument("--dimension", type=int, default=5)
    options.add_argument("--results", type=Path, default=run.HERE / "runs")
    options.add_argument("--environments", type=Path)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument(
        "--exdata", help="name of a folder below exdata/ for COCO's own post-processing"
    )
    given = options.parse_args(arguments)
    d = given.dimension
    names = [n.replace("-d5", f"-d{d}") for n in problems_of("bbob-d5")]
    where = ["--results", str(given.results), "--jobs", str(given.jobs)]
    where += ["--environments", str(given.environments)] if given.environments else []
    code = run.main(
        [*names, "--methods", *given.methods, "--seeds", "1", "--budget", str(50 * d), *where]
    )
    wanted = set(names)
    runs = [
        r
        for r in report.latest(report.read_runs([given.results]), [])
        if r.head["budget"] == 50 * d
    ]
    print(f"| method | runs | {' | '.join(f'{n} D' for n in AT)} |\n|" + "---|" * (len(AT) + 2))
    for method in given.methods:
        mine = [r for r in runs if r.head["method"] == method and r.head["problem"] in wanted]
        shares = fractions(mine, d)
        print(
            f"| {method} | {len(mine)} | " + " | ".join(f"{s:.3f}" for s in shares.values()) + " |"
        )
        if given.exdata:
            replay(mine, f"{given.exdata}-{method}", method)
    return code


if __name__ == "__main__":
    sys.exit(main())
