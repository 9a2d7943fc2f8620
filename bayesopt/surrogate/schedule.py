"""When a fit of hyperparameters is due, and to which observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SPREAD = 50  # observations from which the models that compete have asks of their own
EXTENDED = 150  # observations from which the Cholesky factor is extended between refits
COMPARED = 300  # observations at most on which starts and output transforms are compared
FITTED = 1000  # observations at most that hyperparameters are fitted to
KEPT = 3000  # observations at most that the posterior is conditioned on at a refit
_STORED = {"n_compared": "n_bend", "log_score": "credit"}  # names in files since the first version


@dataclass(frozen=True)
class FitState:
    """What a fit leaves for the next one; JSON in a run's events.

    Attributes
    ----------
    n : observations when the hyperparameters were last fitted.
    n_compared : observations when the output transforms last began to compete.
    n_starts : observations when the fit was last tried from several starts.
    transform : name of the chosen output transform.
    log_theta : fitted hyperparameters, in logs.
    blocks : observations when the covariance was factorised, and at each extension since.
    waiting : names of the output transforms whose turn to compete is still to come.
    log_score : how well the observations since the first fit were predicted
        (``prequential.updated``).
    short_scale : whether the covariance has a short-scale component.
    """

    n: int
    n_compared: int
    n_starts: int
    transform: str
    log_theta: tuple[float, ...]
    blocks: tuple[int, ...]
    waiting: tuple[str, ...] = ()
    log_score: float = 0.0
    short_scale: bool = False

    @classmethod
    def read(cls, state: Mapping[str, Any] | None, plain: int, rugged: int | None) -> Self | None:
        """The state in its stored form; None when there is none or it is of another model.

        Parameters
        ----------
        plain, rugged : numbers of hyperparameters without a short-scale component and with one,
            None where there may be none.
        """
        if state is None:
            return None
        stored = len(state.get("log_theta", ()))
        # files of the first version did not say it
        short_scale = bool(state.get("short_scale", stored == rugged))
        if stored != (rugged if short_scale else plain):
            return None
        theta = tuple(float(t) for t in state["log_theta"])
        return cls(
            n=int(state["n"]),
            n_compared=int(state[_STORED["n_compared"]]),
            n_starts=int(state["n_starts"]),
            transform=str(state["transform"]),
            log_theta=theta,
            blocks=tuple(int(b) for b in state["blocks"]),
            waiting=tuple(str(name) for name in state.get("waiting", ())),
            log_score=float(state.get(_STORED["log_score"], 0.0)),
            short_scale=short_scale,
        )

    def json(self) -> dict[str, Any]:
        """The stored form."""
        values = ((name, list(v) if isinstance(v, tuple) else v) for name, v in vars(self).items())
        return {_STORED.get(name, name): value for name, value in values}

    def opened(self, n: int, transforms: Sequence[str]) -> Self:
        """The state in which the transforms wait to compete again, once n has grown by a tenth."""
        if self.waiting or n < 1.1 * self.n_compared:
            return self
        others = (name for name in transforms if name != self.transform)
        return replace(self, n_compared=n, waiting=(self.transform, *others))

    def competing(self, n: int) -> tuple[str, ...]:
        """Those of the waiting transforms that compete now: all, or one for each new observation.

        Comparing many models at once makes one ask wait for several expensive fits.
        """
        if n < SPREAD or self.starts_are_due(n):
            return self.waiting
        return self.waiting[: n - self.blocks[-1]]

    def starts_are_due(self, n: int) -> bool:
        """Whether the fit is tried from several starts again: n has doubled."""
        return n >= 2 * self.n_starts

    def fit_is_due(self, n: int) -> bool:
        """Whether the hyperparameters are fitted again."""
        return n >= self.n + refit_interval(n) or len(self.competing(n)) > 0

    def fitted(self, n: int, transform: str, log_theta: Floats, *, short_scale: bool) -> Self:
        """The state after a fit to n observations."""
        return replace(
            self,
            n=n,
            n_starts=n if self.starts_are_due(n) else self.n_starts,
            transform=transform,
            log_theta=tuple(float(t) for t in log_theta),
            blocks=(n,),
            waiting=self._waiting_after(n),
            short_scale=short_scale,
        )

    def compared(self, n: int, *, anew: bool) -> Self:
        """The state with n observations after the old model was selected again."""
        return replace(self, waiting=self._waiting_after(n)).extended(n, anew=anew)

    def _waiting_after(self, n: int) -> tuple[str, ...]:
        return self.waiting[len(self.competing(n)) :]

    def extended(self, n: int, *, anew: bool) -> Self:
        """The state with n observations, hyperparameters kept; ``anew`` factorises again."""
        if anew or n < EXTENDED or n < self.blocks[-1]:
            return replace(self, blocks=(n,))
        return replace(self, blocks=self.blocks if n == self.blocks[-1] else (*self.blocks, n))


def first_state(n: int, transform: str, log_theta: Floats, *, short_scale: bool) -> FitState:
    """The state after the first fit of a run."""
    theta = tuple(float(t) for t in log_theta)
    return FitState(n, n, n, transform, theta, (n,), short_scale=short_scale)


def refit_interval(n: int) -> int:
    """New observations after which hyperparameters are fitted again: 1 up to 99, then 2 % of n."""
    return max(1, n // 50)


def subsample(values: Floats, limit: int) -> Integers:
    """Indices of at most ``limit`` observations: all, or the best third and some of the rest.

    Hyperparameters need far fewer observations than predictions do, and the gradient of the
    evidence costs O(n³).
    """
    n = len(values)
    if n <= limit:
        return np.arange(n)
    order = np.argsort(values, kind="stable")
    n_best = limit // 3
    rest = np.sort(order[n_best:])
    even = rest[np.linspace(0, len(rest) - 1, limit - n_best).astype(np.int64)]
    return np.sort(np.concatenate([order[:n_best], even]))


def active_set(values: Floats, n_fitted: int) -> Integers:
    """Indices of the observations (of n) that the posterior is conditioned on.

    Those chosen at the last fit, when there were ``n_fitted``, then all that came since.
    """
    n = len(values)
    return np.concatenate([subsample(values[:n_fitted], KEPT), np.arange(min(n_fitted, n), n)])
