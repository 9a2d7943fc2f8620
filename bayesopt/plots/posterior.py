"""The posterior of a full-Bayesian surrogate: its chains, its lengthscales, its predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, new_figure, plain, tidy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayesopt.surrogate import Fitted
    from bayesopt.surrogate.full_bayes import FullBayesGP

    Floats = NDArray[np.float64]

_FLAT = 1.0  # a lengthscale of the whole range: beyond it a parameter hardly matters


def trace(surrogate: FullBayesGP) -> Any:
    """Draw every hyperparameter's chains, on a log scale: draw by draw, and as densities.

    Chains that agree overlap everywhere; one that wanders, or stays apart, does not.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : nothing was sampled yet.
    """
    rows = _rows(surrogate)
    figure = new_figure(8.0, 0.6 + 1.15 * len(rows))
    grid = figure.subplots(len(rows), 2, squeeze=False, width_ratios=[2.2, 1.0])
    for (label, chains), (left, right) in zip(rows, grid, strict=True):
        for c, draws in enumerate(np.log10(chains)):
            colour = COLOURS[c % len(COLOURS)]
            left.plot(draws, color=colour, linewidth=0.6, alpha=0.8)
            right.hist(draws, bins=24, color=colour, alpha=0.45, density=True)
        left.set_ylabel(label, rotation=0, ha="right", va="center")
        for axes in (left, right):
            tidy(axes)
        right.set_yticks([])
    grid[-1, 0].set_xlabel("draw")
    grid[-1, 1].set_xlabel("log10")
    return figure


def lengthscales(surrogate: FullBayesGP) -> Any:
    """Draw the posterior of each parameter's lengthscale, the one that matters most on top.

    A lengthscale is measured in the parameter's whole range. Short ones matter: the objective
    changes along the parameter. The bar holds 90 % of the draws, the thick part half of them.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : nothing was sampled yet, or there is no numeric parameter.
    """
    posterior = surrogate.posterior.posterior
    if "lengthscale" not in posterior:
        raise ValueError("there is no numeric parameter, hence no lengthscale to draw")
    values = np.asarray(posterior["lengthscale"]).reshape(-1, posterior["lengthscale"].shape[-1])
    names = [str(n) for n in posterior["lengthscale"].coords["parameter"].values]
    quantiles = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    order = np.argsort(-quantiles[2], kind="stable")
    figure = new_figure(6.4, 0.9 + 0.32 * len(names))
    axes = figure.add_subplot()
    y = np.arange(len(names))
    low, quarter, middle, three, high = quantiles[:, order]
    axes.hlines(y, low, high, color=COLOURS[0], linewidth=1.2)
    axes.hlines(y, quarter, three, color=COLOURS[0], linewidth=5.0)
    axes.plot(middle, y, "o", color="white", markeredgecolor=COLOURS[0], markersize=5)
    axes.axvline(_FLAT, color=COLOURS[1], linewidth=1.0, linestyle="--")
    axes.annotate("whole range", (_FLAT, 1.0), xycoords=("data", "axes fraction"), fontsize=7,
                  xytext=(2, 2), textcoords="offset points", color=COLOURS[1])  # fmt: skip
    axes.set_xscale("log")
    axes.set_yticks(y, [plain(names[j]) for j in order])
    axes.set_xlabel("lengthscale (shorter matters more)")
    tidy(axes)
    return figure


def predictive(surrogate: FullBayesGP | Fitted) -> Any:
    """Draw each observation against its prediction from all the others, and how they rank.

    On the left, standardised values with 90 % intervals; on the right, how often each decile of
    the predictions was hit: level bars mean that the intervals are calibrated.

    Parameters
    ----------
    surrogate : the surrogate after a run, or any ``Fitted`` whose posterior consists of Gaussian
        processes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    TypeError : the posterior consists of something else.
    ValueError : nothing was fitted yet.
    """
    given: Any = surrogate
    fitted: Fitted = getattr(given, "last_fit", given)
    observed, low, middle, high, rank = _left_out(fitted)
    figure = new_figure(8.0, 3.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.3, 1.0])
    left.vlines(observed, low, high, color=COLOURS[0], alpha=0.35, linewidth=1.4)
    left.plot(observed, middle, "o", color=COLOURS[0], markersize=3.5)
    ends = [float(observed.min()), float(observed.max())]
    left.plot(ends, ends, color="black", linewidth=0.8)
    left.set_xlabel("observed (standardised)")
    left.set_ylabel("predicted from the others")
    right.hist(rank, bins=np.linspace(0.0, 1.0, 11), color=COLOURS[0], alpha=0.6)
    n = len(observed)
    spread = 1.64 * math.sqrt(n * 0.1 * 0.9)
    right.axhspan(n / 10 - spread, n / 10 + spread, color=COLOURS[4], alpha=0.25)
    right.axhline(n / 10, color=COLOURS[4], linewidth=1.0)
    right.set_xlabel("rank within the prediction")
    right.set_ylabel("observations")
    for axes in (left, right):
        tidy(axes)
    return figure


def _rows(surrogate: FullBayesGP) -> list[tuple[str, Floats]]:
    """Label and chains (c, n) of every number in the posterior."""
    rows = []
    for name, values in surrogate.posterior.posterior.data_vars.items():
        array = np.asarray(values)
        if array.ndim == 2:
            rows.append((str(name), array))
            continue
        labels = values.coords[values.dims[2]].values
        rows += [(f"{name}\n{plain(label)}", array[..., j]) for j, label in enumerate(labels)]
    return rows


def _left_out(fitted: Fitted) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Observed values (n,), and quantiles and rank of each under the mixture without it."""
    from scipy.special import ndtr

    from bayesopt.surrogate import GaussianProcess

    means, sds = [], []
    for component in fitted.posterior.components:
        if not isinstance(component, GaussianProcess):
            raise TypeError(f"a Gaussian process was expected; got {type(component).__name__}")
        mean, var = component.leave_one_out()
        means.append(mean)
        sds.append(np.sqrt(var))
        observed = component.y[:, 0]
    weights = fitted.posterior.weights
    m, s = np.array(means), np.array(sds)

    def rank(z: Floats) -> Floats:
        return np.asarray(weights @ ndtr((z - m) / s))

    low, middle, high = _quantiles(rank, m, s, (0.05, 0.5, 0.95))
    return observed, low, middle, high, rank(observed)


def _quantiles(rank: Any, means: Floats, sds: Floats, levels: Sequence[float]) -> list[Floats]:
    """Quantiles (n,) of the mixture, by bisection."""
    found = []
    for level in levels:
        low, high = (means - 9.0 * sds).min(axis=0), (means + 9.0 * sds).max(axis=0)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = rank(middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found.append(0.5 * (low + high))
    return found
