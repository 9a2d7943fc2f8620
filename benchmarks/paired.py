"""Two of our engines, run by run: ``python -m benchmarks.paired RESULTS... --before V --after V``.

Prints Markdown tables of the runs that both have: scores (see ``measures``), and what tells a
search that has settled. A gap is that to the best known value over that of the median best of ten
random points, at most 2; a run is stuck when nothing was gained over the last 60 % of the budget
and its gap is above .02. ``worst tenth`` is the mean score of the worst tenth of the runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import measures, store
from benchmarks.measures import Comparison
from benchmarks.report import read_runs

Floats = NDArray[np.float64]
OURS, BEFORE = "bayesopt", "the engine before"
_CUT, _STUCK, _DRAWS = 2.0, 0.02, 1000


def labelled(runs: Sequence[store.Run], before: str, after: str) -> list[store.Run]:
    """Runs of two versions of ours, the first one's under a name of its own, and all rivals'."""
    kept = []
    for run in runs:
        if run.head["method"] != OURS or run.head["version"].endswith(after):
            kept.append(run)
        elif run.head["version"].endswith(before):
            kept.append(replace(run, head={**run.head, "method": BEFORE}))
    return kept


def scale(c: Comparison, problem: str) -> float:
    """The gap of the median best of ten random points."""
    runs = [r for (m, p, _), r in c.runs.items() if m == "random" and p == problem]
    good = [e for r in runs for e in r.evaluations if e["true"] is not None]
    if not good:
        return float("nan")
    allowed = np.array([all(v <= 0 for v in e["constraints"].values()) for e in good])
    true = np.array([e["true"] for e in good])
    seen = np.where(allowed, [e["value"] for e in good], np.inf)
    true = np.where(allowed, true, true.max())
    drawn = np.random.default_rng(0).integers(len(good), size=(_DRAWS, 10))
    picked = np.take_along_axis(drawn, seen[drawn].argmin(axis=1)[:, None], axis=1)[:, 0]
    return max(float(np.median(true[picked])) - c.best[problem], 1e-12)


def checkpoints(c: Comparison) -> list[int]:
    """Numbers of evaluations at which scores are shown."""
    return [n for n in (20, 40) if n < c.budget] + [c.budget]


def row(c: Comparison, method: str, pairs: Sequence[tuple[str, int]]) -> list[str]:
    """One method's row of a table over (problem, seed)."""
    scales = {p: scale(c, p) for p in dict.fromkeys(p for p, _ in pairs)}
    gaps = [(c.curves[method, p, s] - c.best[p]) / scales[p] for p, s in pairs]
    at = int(0.4 * c.budget) - 1
    stuck = np.mean([g[-1] > _STUCK and g[at] - g[-1] < 1e-9 for g in gaps])
    final = np.sort([c.scores[method, p, s][-1] for p, s in pairs])
    by_problem = [
        np.mean([c.scores[method, p, s] for q, s in pairs if q == p], axis=0) for p in scales
    ]
    mean = np.mean(by_problem, axis=0)
    ends = np.minimum([g[-1] for g in gaps], _CUT)
    cells = [mean[n - 1] for n in checkpoints(c)]
    cells += [float(np.mean(ends)), float(stuck), float(final[: max(len(final) // 10, 1)].mean())]
    return [method, *(f"{v:.3f}" for v in cells)]


def table(c: Comparison, methods: Sequence[str], problems: Sequence[str]) -> list[str]:
    """Lines of Markdown on the runs that all of the methods have."""
    pairs = [(p, s) for p in problems for s in c.seeds(methods, p)]
    if not pairs:
        return []
    n = len({p for p, _ in pairs})
    head = [f"{n} problems, {len(pairs)} runs each", *(f"score at {k}" for k in checkpoints(c))]
    head += ["gap", "stuck", "worst tenth"]
    rows = [head, ["---"] * len(head), *(row(c, m, pairs) for m in methods)]
    return ["", *("| " + " | ".join(r) + " |" for r in rows)]


def won(c: Comparison, method: str, rival: str, problems: Sequence[str], n: int) -> str:
    """Problems won, lost, and the mean difference of the scores at n evaluations."""
    differences = [
        np.mean([c.scores[method, p, s][n - 1] - c.scores[rival, p, s][n - 1] for s in seeds])
        for p in problems
        if (seeds := c.seeds([method, rival], p))
    ]
    d = np.array(differences)
    won, lost = int((d > 1e-9).sum()), int((d < -1e-9).sum())
    mean = float(d.mean()) if len(d) else float("nan")
    return f"{method} against {rival} at {n}: {won} won, {lost} lost of {len(d)}, mean {mean:+.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.paired", description=__doc__)
    options.add_argument("results", nargs="+", type=Path)
    options.add_argument("--before", required=True, help="the end of a version of ours")
    options.add_argument("--after", required=True)
    options.add_argument("--budget", type=int, default=60)
    options.add_argument("--rivals", nargs="*", default=["optuna-gp", "optuna-tpe"])
    given = options.parse_args(arguments)
    runs = labelled(read_runs(given.results), given.before, given.after)
    c = measures.compare(runs, budget=given.budget)
    ours = [BEFORE, OURS]
    groups = {"all": c.problems}
    for p, g in c.groups.items():
        groups.setdefault(g, []).append(p)
    for name, problems in groups.items():
        lines = [name, *table(c, ours, problems), *table(c, [*ours, *given.rivals], problems), ""]
        print("\n".join(lines))
    for rival in [BEFORE, *given.rivals]:
        for n in (20, given.budget):
            print(won(c, OURS, rival, c.problems, n))
    return 0


if __name__ == "__main__":
    sys.exit(main())
