"""Numbers of a comparison, from raw runs: curves, scores, ranks, tests.

The curve of a run at n evaluations is the noise-free value of what one would use then: the best
feasible point; under noise the recommended point, or the best observed one for a method that
recommends nothing. Where nothing feasible is known, it is the worst value that any run has seen.

A score is (r - curve) / (r - b), in [-1, 1]: 1 is the best known value b (the optimum, or the best
of all runs), 0 what random search is expected to reach with the whole budget (r).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.store import Run

Floats = NDArray[np.float64]
_DRAWS = 1000


@dataclass(frozen=True)
class Comparison:
    """The runs of one budget and batch.

    Attributes
    ----------
    curves : curve (budget,) by (method, problem, seed).
    scores : the same, scored.
    groups : group by problem.
    best : best known value by problem.
    random : what random search is expected to reach, by problem.
    exact : problems whose optimum is known.
    runs : all runs that did something, by (method, problem, seed).
    refused : (method, problem) -> why.
    """

    budget: int
    curves: Mapping[tuple[str, str, int], Floats]
    scores: Mapping[tuple[str, str, int], Floats]
    groups: Mapping[str, str]
    best: Mapping[str, float]
    random: Mapping[str, float]
    exact: frozenset[str]
    runs: Mapping[tuple[str, str, int], Run]
    refused: Mapping[tuple[str, str], str]

    @property
    def methods(self) -> list[str]:
        return sorted({m for m, _, _ in self.curves})

    @property
    def problems(self) -> list[str]:
        return list(self.groups)

    def seeds(self, methods: Iterable[str], problem: str) -> list[int]:
        """Seeds that every one of the methods has done on a problem."""
        have = [
            {s for m, p, s in self.curves if m == method and p == problem} for method in methods
        ]
        return sorted(set.intersection(*have)) if have else []

    def common(self, methods: Sequence[str]) -> list[str]:
        """Problems with at least one seed done by all of the methods."""
        return [p for p in self.problems if self.seeds(methods, p)]


def compare(runs: Iterable[Run], *, budget: int | None = None) -> Comparison:
    """Put runs together; only those of the given (or else the commonest) budget."""
    everything = list(runs)
    budgets = [int(r.head["budget"]) for r in everything]
    if not budgets:
        raise ValueError("there are no runs to compare")
    chosen = budget or max(set(budgets), key=budgets.count)
    used = [r for r in everything if r.head["budget"] == chosen]
    refused = {
        (r.head["method"], r.head["problem"]): str(r.head["error"])
        for r in used
        if r.head["status"] == "unsupported"
    }
    done = {
        (r.head["method"], r.head["problem"], r.head["seed"]): r
        for r in used
        if r.head["status"] != "unsupported"
    }
    groups = _by_group({k[1]: str(r.head["group"]) for k, r in done.items()})
    worst = {p: _worst(done, p) for p in groups}
    curves = {k: curve(r, chosen, worst[k[1]]) for k, r in done.items()}
    known = {
        r.head["problem"]: r.head["optimum"]
        for r in done.values()
        if r.head["optimum"] is not None
    }
    best = {p: min([*([known[p]] if p in known else []), *_finals(curves, p)]) for p in groups}
    random = {p: _random_reference(done, p, chosen, worst[p]) for p in groups}
    scores = {k: score(c, random[k[1]], best[k[1]]) for k, c in curves.items()}
    return Comparison(
        chosen, curves, scores, groups, best, random, frozenset(known), done, refused
    )


def _by_group(groups: dict[str, str]) -> dict[str, str]:
    return dict(sorted(groups.items(), key=lambda item: (item[1], item[0])))


def _finals(curves: Mapping[tuple[str, str, int], Floats], problem: str) -> list[float]:
    return [float(c.min()) for (_, p, _), c in curves.items() if p == problem]


def _feasible(evaluation: Mapping[str, Any]) -> bool:
    return evaluation["true"] is not None and all(
        c <= 0 for c in evaluation["constraints"].values()
    )


def _worst(done: Mapping[tuple[str, str, int], Run], problem: str) -> float:
    values = [
        e["true"]
        for (_, p, _), r in done.items()
        if p == problem
        for e in r.evaluations
        if _feasible(e)
    ]
    return max(values) if values else 0.0


def curve(run: Run, budget: int, worst: float) -> Floats:
    """The curve (budget,) of a run; a run that ended early stays where it was."""
    out = np.full(budget, worst)
    best_seen, current = np.inf, worst
    recommended = {int(r["n"]): float(r["true"]) for r in run.recommendations}
    for e in run.evaluations:
        n = int(e["n"])
        if _feasible(e) and e["value"] < best_seen:
            best_seen = e["value"]
            if not recommended or n < min(recommended):
                current = e["true"]
        current = recommended.get(n, current)
        out[n - 1 :] = current
    return out


def score(curve: Floats, random: float, best: float) -> Floats:
    """The score of a curve; see the module."""
    span = random - best
    if span <= 1e-12 * max(1.0, abs(best)):  # random search finds the best: nothing left to win
        return np.where(curve <= best + 1e-12 * max(1.0, abs(best)), 1.0, 0.0)
    return np.clip((random - curve) / span, -1.0, 1.0)


def _random_reference(
    done: Mapping[tuple[str, str, int], Run], problem: str, budget: int, worst: float
) -> float:
    """Expected value of what random search would use after the budget, from pooled evaluations."""
    pool = [
        e for (m, p, _), r in done.items() if m == "random" and p == problem for e in r.evaluations
    ]
    if not pool:
        return float("nan")
    seen = np.array([e["value"] if _feasible(e) else np.inf for e in pool])
    true = np.array([e["true"] if _feasible(e) else worst for e in pool])
    drawn = np.random.default_rng(0).integers(len(pool), size=(_DRAWS, budget))
    picked = np.take_along_axis(drawn, seen[drawn].argmin(axis=1)[:, None], axis=1)[:, 0]
    return float(true[picked].mean())


def mean_scores(c: Comparison, method: str, problem: str, seeds: Sequence[int]) -> Floats:
    """Mean score curve (budget,) over seeds."""
    return np.mean([c.scores[method, problem, s] for s in seeds], axis=0)


def ranks(c: Comparison, methods: Sequence[str], problems: Sequence[str], n: int) -> Floats:
    """Mean rank (problems, methods) at n evaluations over the seeds that all have; 1 is best."""
    from scipy.stats import rankdata

    rows = []
    for p in problems:
        per_seed = [
            rankdata([np.float32(c.curves[m, p, s][n - 1]) for m in methods])
            for s in c.seeds(methods, p)
        ]
        rows.append(np.mean(per_seed, axis=0))
    return np.array(rows)


def bootstrap(rows: Floats, *, draws: int = 2000) -> Floats:
    """95 % interval (2, k) of the column means of ``rows`` (problems, k) over the problems."""
    rng = np.random.default_rng(0)
    means = [rows[rng.integers(len(rows), size=len(rows))].mean(axis=0) for _ in range(draws)]
    return np.percentile(means, [2.5, 97.5], axis=0)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction."""
    order = np.argsort(p_values)
    corrected, highest = [0.0] * len(p_values), 0.0
    for i, j in enumerate(order):
        highest = max(highest, min(1.0, p_values[j] * (len(p_values) - i)))
        corrected[j] = highest
    return corrected


@dataclass(frozen=True)
class Duel:
    """Our scores against a rival's, problem by problem (means over common seeds)."""

    rival: str
    n: int
    problems: int
    wins: int
    losses: int
    difference: float
    p: float


def duels(c: Comparison, ours: str, rivals: Sequence[str], n: int) -> list[Duel]:
    """Paired Wilcoxon tests over the problems, corrected by Holm's method."""
    from scipy.stats import wilcoxon

    rough = []
    for rival in rivals:
        differences = []
        for p in c.common([ours, rival]):
            seeds = c.seeds([ours, rival], p)
            both = [float(mean_scores(c, m, p, seeds)[n - 1]) for m in (ours, rival)]
            differences.append(both[0] - both[1])
        d = np.array(differences)
        p_value = float(wilcoxon(d).pvalue) if len(d) > 1 and np.any(d != 0) else 1.0
        wins, losses = int((d > 1e-9).sum()), int((d < -1e-9).sum())
        rough.append(
            Duel(rival, n, len(d), wins, losses, float(d.mean()) if len(d) else 0.0, p_value)
        )
    corrected = holm([duel.p for duel in rough])
    return [Duel(**{**duel.__dict__, "p": p}) for duel, p in zip(rough, corrected, strict=True)]


def targets_reached(
    c: Comparison, method: str, problems: Sequence[str], *, levels: int = 31
) -> Floats:
    """Share (budget,) of targets reached, as COCO does: relative gaps 1 to 1e-3 to the best."""
    gaps = np.logspace(0.0, -3.0, levels)
    shares = []
    for m, p, s in c.curves:
        if m != method or p not in problems:
            continue
        span = max(c.random[p] - c.best[p], 1e-12 * max(1.0, abs(c.best[p])))
        gap = (np.minimum.accumulate(c.curves[m, p, s]) - c.best[p]) / span
        shares.append((gap[:, None] <= gaps).mean(axis=1))
    return np.mean(shares, axis=0) if shares else np.zeros(c.budget)


@dataclass(frozen=True)
class Effort:
    """What a method's proposals cost and how they failed, over all its runs."""

    median: float
    median_cpu: float
    p95: float
    start: float
    peak_mb: float
    duplicates: float
    failures: int
    crashed: int
    runs: int


def effort(c: Comparison, method: str) -> Effort:
    """Seconds of ask plus tell over the second half of the runs, and the counts."""
    mine = [r for (m, _, _), r in c.runs.items() if m == method]
    evaluations = [e for r in mine for e in r.evaluations if "ask" in e]
    late = [e for e in evaluations if e["n"] > c.budget // 2] or evaluations
    wall = np.array([e["ask"] + e["tell"] for e in late] or [np.nan])
    cpu = np.array([e["ask_cpu"] + e["tell_cpu"] for e in late] or [np.nan])
    return Effort(
        float(np.median(wall)),
        float(np.median(cpu)),
        float(np.percentile(wall, 95)),
        float(np.median([r.head["start"] for r in mine])),
        float(np.max([r.head["peak_mb"] for r in mine])),
        float(np.mean([e["duplicate"] for e in evaluations] or [0.0])),
        sum(e["failed"] is not None for e in evaluations),
        sum(r.head["status"] != "done" for r in mine),
        len(mine),
    )
