"""Plots of the report as base64 PNG."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import measures
from benchmarks.measures import Comparison


def _figure(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")


def _encode(figure: Any) -> str:
    import matplotlib.pyplot as plt

    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80)
    plt.close(figure)
    return base64.b64encode(stream.getvalue()).decode()


def color(c: Comparison, method: str) -> Any:
    """The same colour for a method in every plot."""
    import matplotlib as mpl

    if method == "bayesopt":
        return "black"
    others = [m for m in c.methods if m != "bayesopt"]
    return mpl.colormaps["tab20"](others.index(method) % 20)


def problem_curves(c: Comparison, problem: str) -> str:
    """Median and quartiles of the gap (or value) against evaluations."""
    figure, axes = _figure(4.6, 3.2)
    n = np.arange(1, c.budget + 1)
    exact = problem in c.exact
    for method in c.methods:
        mine = [v for (m, p, _), v in c.curves.items() if (m, p) == (method, problem)]
        if not mine:
            continue
        values = np.array(mine) - (c.best[problem] if exact else 0.0)
        if exact:
            values = np.maximum(values, 1e-9)
        low, middle, high = np.percentile(values, [25, 50, 75], axis=0)
        axes.plot(n, middle, color=color(c, method), label=method, lw=1.4)
        axes.fill_between(n, low, high, color=color(c, method), alpha=0.12, lw=0)
    if exact:
        axes.set_yscale("log")
    axes.set(
        title=problem, xlabel="evaluations", ylabel="gap to the optimum" if exact else "value"
    )
    axes.legend(fontsize=6)
    return _encode(figure)


def group_scores(
    c: Comparison, methods: Sequence[str], problems: Sequence[str], title: str
) -> str:
    """Mean score over problems against evaluations, with 95 % intervals over problems."""
    figure, axes = _figure(5.2, 3.6)
    n = np.arange(1, c.budget + 1)
    for method in methods:
        rows = [
            measures.mean_scores(c, method, p, seeds)
            for p in problems
            if (seeds := c.seeds([method], p))
        ]
        if not rows:
            continue
        low, high = measures.bootstrap(np.array(rows), draws=300)
        axes.plot(n, np.mean(rows, axis=0), color=color(c, method), label=method, lw=1.4)
        axes.fill_between(n, low, high, color=color(c, method), alpha=0.1, lw=0)
    axes.axhline(0.0, color="grey", lw=0.7, ls=":")
    axes.set(title=title, xlabel="evaluations", ylabel="score (1 best known, 0 random at the end)")
    axes.legend(fontsize=6)
    return _encode(figure)


def ecdf(c: Comparison, methods: Sequence[str], problems: Sequence[str]) -> str:
    """Share of targets reached against evaluations."""
    figure, axes = _figure(5.2, 3.6)
    for method in methods:
        share = measures.targets_reached(c, method, problems)
        axes.step(
            np.arange(1, c.budget + 1),
            share,
            color=color(c, method),
            label=method,
            where="post",
            lw=1.4,
        )
    axes.set(
        title="targets reached", xlabel="evaluations", ylabel="share of (problem, target) pairs"
    )
    axes.legend(fontsize=6)
    return _encode(figure)


def rank_diagram(names: Sequence[str], means: Sequence[float], intervals: Any) -> str:
    """Mean ranks with their 95 % intervals, best on top."""
    figure, axes = _figure(5.2, 0.6 + 0.28 * len(names))
    order = np.argsort(means)[::-1]
    for y, j in enumerate(order):
        axes.plot(intervals[:, j], [y, y], color="grey", lw=2)
        axes.plot(means[j], y, "o", color="black" if names[j] == "bayesopt" else "tab:blue")
    axes.set_yticks(range(len(names)), [names[j] for j in order], fontsize=8)
    axes.set(xlabel="mean rank (1 is best), 95 % interval over problems")
    return _encode(figure)
