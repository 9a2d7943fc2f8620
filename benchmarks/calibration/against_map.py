"""Full Bayes against MAP on the suite ``bayes``: a table for ``FULL_BAYES.md``.

    python -m benchmarks.run bayes --methods random bayesopt bayesopt-full --seeds 5 --budget 40
    python -m benchmarks.calibration.against_map benchmarks/runs

Pairs have problem and seed in common, hence also the initial design. Scores are those of
``benchmarks.measures``: 0 for random search, 1 for the best known value. Gaps, where the optimum
is known, are relative to that of random search. Intervals resample problems, then seeds within
them; the tests are Wilcoxon's over the problems' means.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import measures, store

Floats = NDArray[np.float64]
METHODS = ("bayesopt", "bayesopt-full")
_RESAMPLED = 10_000
_LEAST_GAP = 1e-6  # relative to random search's; what is below is the optimum


def pairs(c: measures.Comparison, problem: str) -> Floats:
    """Scores (seeds, 2, 3) of MAP and full Bayes.

    At the end, meant over the second half of the curve, and log10 of the relative gap at the end,
    NaN where the optimum is not known.
    """
    best, span = c.best[problem], c.random[problem] - c.best[problem]
    rows = []
    for seed in c.seeds(METHODS, problem):
        row = []
        for method in METHODS:
            score, final = c.scores[method, problem, seed], c.curves[method, problem, seed][-1]
            gap = np.log10(max((final - best) / span, _LEAST_GAP))
            exact = problem in c.exact
            row.append([score[-1], score[len(score) // 2 :].mean(), gap if exact else np.nan])
        rows.append(row)
    return np.array(rows)


def interval(differences: list[Floats]) -> Floats:
    """95 % interval (2,) of the mean over problems of the mean over seeds (seeds,)."""
    rng = np.random.default_rng(0)
    means = []
    for _ in range(_RESAMPLED):
        chosen = [differences[i] for i in rng.integers(len(differences), size=len(differences))]
        means.append(np.mean([d[rng.integers(len(d), size=len(d))].mean() for d in chosen]))
    return np.asarray(np.percentile(means, [2.5, 97.5]))


def table(scores: dict[str, Floats]) -> list[str]:
    """Lines of Markdown, one a problem."""
    names = ("problem", "seeds", "MAP", "full", "difference", "better : worse", "log10 gap")
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for problem, s in scores.items():
        d, (of_map, of_full) = s[:, 1] - s[:, 0], s[:, :, 0].mean(axis=0)
        counts = f"{(d[:, 0] > 1e-6).sum()} : {(d[:, 0] < -1e-6).sum()}"
        gap = "" if np.isnan(d[:, 2]).any() else f"{d[:, 2].mean():+.2f}"
        lines.append(
            f"| {problem} | {len(d)} | {of_map:.3f} | {of_full:.3f} | {d[:, 0].mean():+.3f} "
            f"| {counts} | {gap} |"
        )
    return lines


def summary(scores: dict[str, Floats], k: int, name: str) -> str:
    """All problems together, by the k-th score."""
    from scipy.stats import wilcoxon

    differences = [s[:, 1, k] - s[:, 0, k] for s in scores.values()]
    differences = [d for d in differences if not np.isnan(d).any()]
    means = np.array([d.mean() for d in differences])
    low, high = interval(differences)
    return (
        f"{name}, full Bayes less MAP: {means.mean():+.3f} [{low:+.3f}, {high:+.3f}]; higher on "
        f"{(means > 1e-6).sum()}, lower on {(means < -1e-6).sum()} of {len(means)} problems; "
        f"Wilcoxon p = {wilcoxon(means).pvalue:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path)
    parser.add_argument("--budget", type=int, default=40)
    args = parser.parse_args()
    c = measures.compare(store.read_all(args.runs), budget=args.budget)
    scores = {p: pairs(c, p) for p in c.common(METHODS)}
    print("\n".join(table(scores)))
    for k, name in enumerate(("score at the end", "score, second half", "log10 relative gap")):
        print(summary(scores, k, name))
    for method in METHODS:
        runs = [r for (m, _, _), r in c.runs.items() if m == method]
        spent = [sum(e["ask_cpu"] + e["tell_cpu"] for e in r.evaluations) for r in runs]
        print(f"{method}: {np.median(spent):.1f} CPU seconds a run (median)")


if __name__ == "__main__":
    main()
