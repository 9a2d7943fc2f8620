"""The picture of a simulation-based calibration: are the ranks uniform?

Left, the counts of ranks with the 99 % band of a uniform one; right, the empirical distribution
minus the uniform one, within a band that 95 % of uniform samples of this size stay inside of
*everywhere* (Säilynoja, Bürkner & Vehtari 2022).

    python -m benchmarks.calibration.picture ranks.jsonl --out calibration.png
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.simulate import THINNED
from benchmarks.measures import holm

Floats = NDArray[np.float64]
_BINS = 8
_SIMULATED = 4000


def ranks_of(path: Path) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Ranks (datasets,) by prior and by name of the quantity."""
    found: dict[str, dict[str, list[int]]] = {}
    for line in path.read_text().splitlines():
        record = json.loads(line)
        for name, rank in record.get("ranks", {}).items():
            many = np.atleast_1d(rank)
            for j, r in enumerate(many):
                label = f"{name} {j + 1}" if len(many) > 1 else name
                found.setdefault(record["prior"], {}).setdefault(label, []).append(int(r))
    return {p: {k: np.array(v) for k, v in q.items()} for p, q in found.items()}


def deviation(ranks: NDArray[np.int64]) -> Floats:
    """Empirical minus uniform distribution function (THINNED + 1,) of ranks 0..THINNED."""
    steps = np.arange(THINNED + 1)
    empirical = (ranks[:, None] <= steps).mean(axis=0)
    return np.asarray(empirical - (steps + 1) / (THINNED + 1))


def band(n: int, level: float = 0.95) -> float:
    """Height that the largest scaled deviation of n uniform ranks stays below with ``level``.

    Deviations are scaled by their standard deviation, so that the ends count as the middle does.
    """
    return float(np.quantile(_largest(n), level))


@cache
def _largest(n: int) -> Floats:
    """Largest scaled deviations (simulations,) of n uniform ranks."""
    rng = np.random.default_rng(0)
    return np.array([scaled(rng.integers(0, THINNED + 1, n)) for _ in range(_SIMULATED)])


def p_of_deviation(ranks: NDArray[np.int64]) -> float:
    """How often n uniform ranks deviate as much: below 0.05 outside the band."""
    return float((_largest(len(ranks)) >= scaled(ranks)).mean())


def scaled(ranks: NDArray[np.int64]) -> float:
    """Largest deviation in units of its standard deviation under uniformity."""
    return float(np.abs(deviation(ranks)[:-1] / _sd(len(ranks))).max())


def p_value(ranks: NDArray[np.int64]) -> float:
    """Of Pearson's chi-square test of uniformity over eight bins."""
    from scipy.stats import chisquare

    counts = np.bincount(ranks * _BINS // (THINNED + 1), minlength=_BINS)
    return float(chisquare(counts).pvalue)


def _sd(n: int) -> Floats:
    p = (np.arange(THINNED) + 1) / (THINNED + 1)
    return np.asarray(np.sqrt(p * (1.0 - p) / n))


def draw(groups: dict[str, dict[str, NDArray[np.int64]]]) -> Any:
    """A matplotlib figure with a row for each prior."""
    from matplotlib.figure import Figure
    from scipy.stats import binom

    figure = Figure(figsize=(11.0, 3.2 * len(groups)), dpi=80, layout="constrained")
    grid = figure.subplots(len(groups), 2, squeeze=False, width_ratios=[1.6, 1.0])
    for (prior, quantities), (left, right) in zip(groups.items(), grid, strict=True):
        n = len(next(iter(quantities.values())))
        low, high = binom.ppf([0.005, 0.995], n, 1.0 / _BINS)
        left.axhspan(low, high, color="#e6e6e6")
        width = 0.8 / len(quantities)
        for i, (name, ranks) in enumerate(quantities.items()):
            counts = np.bincount(ranks * _BINS // (THINNED + 1), minlength=_BINS)
            left.bar(np.arange(_BINS) - 0.4 + (i + 0.5) * width, counts, width, color=f"C{i}")
            label = f"{name} (p = {p_value(ranks):.2f})"
            right.plot(np.arange(THINNED + 1), deviation(ranks), color=f"C{i}", label=label)
        reach = band(n) * np.append(_sd(n), 0.0)
        right.fill_between(np.arange(THINNED + 1), -reach, reach, color="#e6e6e6", zorder=0)
        right.legend(fontsize=6, ncols=2)
        left.set_title(f"{prior} prior: ranks of the truth, {n} data sets", fontsize=9)
        right.set_title("deviation from uniform", fontsize=9)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ranks", type=Path)
    parser.add_argument("--out", type=Path, default=Path("calibration.png"))
    args = parser.parse_args()
    groups = ranks_of(args.ranks)
    draw(groups).savefig(args.out)
    every = [(prior, name, r) for prior, q in groups.items() for name, r in q.items()]
    p_values = [p_of_deviation(ranks) for _, _, ranks in every]
    for (prior, name, ranks), p, of_all in zip(every, p_values, holm(p_values), strict=True):
        verdict = "inside the 95 % band" if p >= 0.05 else "OUTSIDE the 95 % band"
        print(
            f"{prior:10} {name:16} n={len(ranks)}  chi-square p={p_value(ranks):.3f}  {verdict}, "
            f"p={p:.3f}, of {len(every)} such p={of_all:.2f}"
        )


if __name__ == "__main__":
    main()
