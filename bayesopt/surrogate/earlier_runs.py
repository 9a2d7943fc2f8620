"""A surrogate that knows earlier runs of like problems: a rank-weighted ensemble (RGPE)."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import instance, whole
from bayesopt.surrogate.base import Fitted, Observations, Surrogate
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.map_gp import MapGP
from bayesopt.surrogate.posterior import Component, Posterior
from bayesopt.surrogate.rank_weights import Ranked, rank_weights
from bayesopt.surrogate.trend import Earlier, Trend, Trended

Floats = NDArray[np.float64]

logger = logging.getLogger("bayesopt")

_FEWEST = 3  # observations whose order says anything
_HORIZON = 10_000_000
_DOUBT = 2.0  # observations' worth of belief that the trend explains nothing


@dataclass(frozen=True)
class EarlierRun:
    """What an earlier run found, in the coordinates of the new run's space.

    Attributes
    ----------
    name : by which it is shown.
    columns : of the space, those that the earlier run has told values of.
    coords : n points, each with a coordinate for each of these columns; NaN where inactive.
    values : n values, turned so that less is better.
    """

    name: str
    columns: tuple[int, ...]
    coords: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        n, p = len(self.values), len(self.columns)
        if not n or not p or len(self.coords) != n or any(len(row) != p for row in self.coords):
            raise ValueError(
                f"EarlierRun {self.name!r}: coords must have a row for each of its {n} values and "
                f"in it a number for each of its {p} columns, at least one of both"
            )
        if not all(math.isfinite(value) for value in self.values):
            raise ValueError(f"EarlierRun {self.name!r}: values must be finite")


@explained_class
@dataclass(frozen=True)
class EarlierRunsGP(Surrogate):
    """The default surrogate around a trend: what earlier runs of like problems found.

    A surrogate of each earlier run is fitted once. How well each of them ranks the new run's
    observations, beside the new run's own leave-one-out predictions, gives its weight (RGPE:
    Feurer, Letham, Hutter & Bakshy 2018/2022, arXiv 1802.02219). The weighted mean of the earlier
    surrogates, times a factor fitted by least squares, is the trend; the new run's process goes
    through what is left of its observations. A weight of 1 for the new run itself is the default
    surrogate, bit for bit.

    Made by ``earlier=`` of :class:`~bayesopt.Optimizer`.

    Attributes
    ----------
    runs : the earlier runs.
    base : the surrogate of the new run, and of each earlier one.
    horizon : observations by which no earlier run is kept that ranks worse than the new run's own
        model does, 1 to 10,000,000.
    """

    runs: tuple[EarlierRun, ...]
    base: MapGP = field(default_factory=MapGP)
    horizon: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", tuple(self.runs))
        for run in self.runs:
            instance("each of runs", run, EarlierRun)
        instance("base", self.base, MapGP)
        object.__setattr__(self, "horizon", whole("horizon", self.horizon, 1, _HORIZON))
        object.__setattr__(self, "_fits", {})

    def of_several(self) -> Surrogate:
        """Earlier runs have one objective: they tell nothing of several."""
        return self.base.of_several()

    def quick(self) -> Surrogate:
        """Without the earlier runs: to fit them takes longer than a proposal may."""
        return self.base.quick()

    def fit(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit the run's own observations, then take in the earlier runs."""
        before = previous if previous is None or previous.own is None else previous.own
        own = self.base.fit(columns, data, state=state, rng=rng, previous=before)
        gp, n = own.posterior.components[0], len(data.values)
        known = isinstance(gp, GaussianProcess) and len(gp.points) == n >= _FEWEST
        if data.constraint or not self.runs or not known:
            return own
        assert isinstance(gp, GaussianProcess)  # for mypy
        earlier = self._earlier(columns)
        z = own.transform.forward(data.values)
        ranked = Ranked(z, gp.leave_one_out()[0], [e.mean(data.coords) for e in earlier])
        weights, dropped = rank_weights(ranked, n, self.horizon)
        shown = {"this run": weights[-1]}
        shown |= {run.name: w for run, w in zip(self.runs, weights, strict=False)}
        about = {
            "weights": {name: round(float(w), 4) for name, w in shown.items()},
            "dropped": [run.name for run, gone in zip(self.runs, dropped, strict=True) if gone],
        }
        logger.info("weights of the runs: %s", ", ".join(f"{n} {w:.2f}" for n, w in shown.items()))
        posterior = with_trend(gp, z, data.coords, earlier, weights)
        return replace(
            own,
            posterior=Posterior.single(posterior),
            diagnostics={**own.diagnostics, "earlier_runs": about},
            own=own,
        )

    def _earlier(self, columns: Columns) -> Sequence[Earlier]:
        """Each earlier run's surrogate, fitted once for columns of these kinds."""
        together = columns.together
        key = (
            columns.categorical.tobytes(),
            columns.conditional.tobytes(),
            None if together is None else together.tobytes(),
        )
        fits: dict[Any, Sequence[Earlier]] = self._fits  # type: ignore[attr-defined]
        if key not in fits:
            fits.clear()
            fits[key] = [self._of(run, columns, i) for i, run in enumerate(self.runs)]
        return fits[key]

    def _of(self, run: EarlierRun, columns: Columns, i: int) -> Earlier:
        which, coords = np.array(run.columns), np.array(run.coords, dtype=float)
        lacking = np.isnan(coords).any(axis=0)
        part = Columns(
            columns.categorical[which],
            columns.conditional[which] | lacking,
            tuple(columns.names[j] for j in which) if columns.names else (),
            tuple(columns.embeddings[j] for j in which) if columns.embeddings else (),
            {
                i: columns.own_weights[int(j)]
                for i, j in enumerate(which)
                if j in columns.own_weights
            },
            together=None if columns.together is None else columns.together[np.ix_(which, which)],
        )
        n = len(run.values)
        data = Observations(coords, np.array(run.values, dtype=float), np.full(n, np.nan))
        rng = np.random.default_rng([i, n])
        fitted = self.base.fit(part, data, state=None, rng=rng)
        return Earlier(which, fitted.posterior.components[0])


def with_trend(
    gp: GaussianProcess, z: Floats, coords: Floats, earlier: Sequence[Earlier], weights: Floats
) -> Component:
    """A process of values z (n,) at coordinates (n, p) around the mean of earlier ones, of weights
    (k + 1,), its own last.

    With K the covariance of the observations, the trend's factor is that of generalised least
    squares, not below 0, times the earlier weights' sum. The process keeps its correlations; its
    scale shrinks by what the trend explains of z'K⁻¹z.
    """
    total = float(weights[:-1].sum())
    if not total > 0.0:
        return gp
    kept = [(e, w / total) for e, w in zip(earlier, weights, strict=False) if w > 0.0]
    mean = np.sum([w * e.mean(coords) for e, w in kept], axis=0)
    white_mean, white_z = gp.root @ mean, gp.root @ z
    factor = max(float(white_mean @ white_z) / max(float(white_mean @ white_mean), 1e-12), 0.0)
    factor *= total
    if not factor > 0.0:
        return gp
    left = white_z - factor * white_mean
    share = (float(left @ left) + _DOUBT) / (float(white_z @ white_z) + _DOUBT)
    trend = Trend(tuple((e, factor * w) for e, w in kept))
    return Trended(gp.with_values(z - factor * mean), trend, min(share, 1.0))
