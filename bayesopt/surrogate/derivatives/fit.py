"""From a fit to values to one to values and derivatives, where these help."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Fitted, Observations
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.derivatives import joint_model as joint
from bayesopt.surrogate.derivatives.contradictions import Contradiction, contradictions
from bayesopt.surrogate.derivatives.joint_evidence import JointEvidence
from bayesopt.surrogate.derivatives.joint_model import JointModel
from bayesopt.surrogate.derivatives.process import DerivativeProcess
from bayesopt.surrogate.derivatives.rows import Rows
from bayesopt.surrogate.descent import DescentSettings, descend
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import LogPrior, Priors
from bayesopt.surrogate.schedule import subsample
from bayesopt.surrogate.transform import OutputTransform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
logger = logging.getLogger("bayesopt")

_KEPT = 2000  # rows at most that the posterior is conditioned on
_KEPT_VALUES = 1500  # of them values
_FITTED = 300  # rows at most that hyperparameters are fitted to, and half as many points
_STEPS, _STEPS_AGAIN = 40, 8  # of a descent: the first, and from the last fit's optimum
_NATS = 0.1  # gained by a step that ends such a descent
_NOISY = 0.5  # of a derivative's prior variance
_PATIENCE = 3  # fits in a row that have to say so before it is worth a warning


@dataclass(frozen=True)
class JointState:
    """What a joint fit leaves for the next one.

    Attributes
    ----------
    n : observations when the hyperparameters were fitted.
    log_theta : of the covariance, then of the derivatives' noise.
    contradicting : numeric columns whose derivatives were left out, and how they contradict.
    worse : whether the values were not predicted better with the derivatives than without: they
        are then not used.
    streaks : in how many fits in a row each contradiction was found, by its name.
    """

    n: int
    log_theta: tuple[float, ...]
    contradicting: Mapping[int, Contradiction]
    worse: bool = False
    streaks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Mapping[str, Any] | None, size: int) -> Self | None:
        """The state in its stored form; None when there is none, or it is of another model."""
        stored = (state or {}).get("derivatives")
        if not isinstance(stored, Mapping) or len(stored.get("log_theta", ())) != size:
            return None
        left_out = {int(j): Contradiction[name] for j, name in stored["contradicting"].items()}
        theta = tuple(float(t) for t in stored["log_theta"])
        streaks = {str(name): int(k) for name, k in stored["streaks"].items()}
        return cls(int(stored["n"]), theta, left_out, bool(stored["worse"]), streaks)

    def json(self) -> dict[str, Any]:
        """The stored form."""
        return {
            "n": self.n,
            "log_theta": list(self.log_theta),
            "contradicting": {str(j): c.name for j, c in self.contradicting.items()},
            "worse": self.worse,
            "streaks": dict(self.streaks),
        }

    def is_due(self, n: int) -> bool:
        """Whether the hyperparameters are fitted again."""
        return n >= self.n + max(1, n // 20)


def sharpened(
    base: Fitted,
    bound: BoundCovariance,
    known: Floats,
    data: Observations,
    state: Mapping[str, Any] | None,
    priors: Priors,
) -> Fitted:
    """The fit to values, with the derivatives where they help to predict the values.

    Parameters
    ----------
    base : the fit to the values alone.
    bound : the covariance of values and derivatives.
    known : (t,) its log hyperparameters that ``base`` has, the others NaN: where a first descent
        begins.
    data : the observations; ``gradients`` are told.
    state : what the last fit left.
    """
    rows = rows_of(bound, data, base.transform)
    if rows.values.all():
        return base
    prior = joint.prior(bound, priors, deterministic=data.noise_is_known)
    fit = JointFit(base, bound, known, rows, prior)
    old = JointState.read(state, fit.size)
    try:
        process, new = fit.made(old)
    except NotPositiveDefinite as error:  # as rare as for values alone; these have the derivatives
        logger.warning("the derivatives are not used: %s", error)
        return base
    new = new if new is old else _said(bound, new)
    about = {
        **base.diagnostics,
        "gradients": _described(bound, None if new.worse else process, new),
    }
    kept = replace(base, state={**base.state, "derivatives": new.json()}, diagnostics=about)
    return replace(kept, posterior=Posterior.single(process)) if not new.worse else kept


@dataclass(frozen=True, eq=False)
class JointFit:
    """What a joint fit starts from.

    Attributes
    ----------
    base : the fit to the values alone.
    bound : the covariance.
    known : (t,) its log hyperparameters as far as ``base`` has them.
    rows : values and derivatives.
    prior : of the joint hyperparameters.
    """

    base: Fitted
    bound: BoundCovariance
    known: Floats
    rows: Rows
    prior: LogPrior

    @property
    def size(self) -> int:
        """Number of joint hyperparameters."""
        return len(self.prior.center)

    def made(self, old: JointState | None) -> tuple[DerivativeProcess, JointState]:
        """The posterior given all that may be used, and what the next fit starts from.

        Raises
        ------
        NotPositiveDefinite : when a covariance cannot be factorised.
        """
        n, of = len(self.rows.coords), self._columns
        if old is not None and not old.is_due(n):
            rows = self._without(old.contradicting)
            return self._conditioned(rows, np.array(old.log_theta)), old
        values = DerivativeProcess.fit(
            JointModel(self.bound, self._start(None)), self.rows.some(self.rows.values)
        )
        wrong = contradictions(values, self.rows, of)
        process, log_theta = self._fitted(self._without(wrong), old)
        more = contradictions(process, self.rows, [j for j in of if j not in wrong])
        if more:
            wrong |= more
            process, log_theta = self._fitted(self._without(wrong), old)
        alone = _score_of_values(self.base, n) or _log_score(values)
        worse = _log_score(process) < alone or _is_noise(process)
        if worse and not (old and old.worse):
            logger.info(
                "the values are not predicted better with the derivatives than without: for now "
                "they are not used"
            )
        streaks = {} if old is None else old.streaks
        return process, JointState(n, tuple(map(float, log_theta)), wrong, worse, streaks)

    @property
    def _columns(self) -> list[int]:
        return [int(j) for j in np.unique(self.rows.of) if j >= 0]

    def _without(self, wrong: Mapping[int, Contradiction]) -> Rows:
        return self.rows.some(~np.isin(self.rows.of, list(wrong))) if wrong else self.rows

    def _fitted(self, rows: Rows, old: JointState | None) -> tuple[DerivativeProcess, Floats]:
        some = to_fit(rows, _FITTED)
        start = self._start(old)
        again = DescentSettings.near(len(some), _STEPS_AGAIN, _NATS)
        settings = DescentSettings(_STEPS) if old is None else again
        _, log_theta = descend(JointEvidence(self.bound, some), self.prior, start, settings)
        return self._conditioned(rows, log_theta), log_theta

    def _conditioned(self, rows: Rows, log_theta: Floats) -> DerivativeProcess:
        return DerivativeProcess.fit(JointModel(self.bound, log_theta), rows)

    def _start(self, old: JointState | None) -> Floats:
        if old is not None:
            return np.asarray(np.clip(old.log_theta, self.prior.low, self.prior.high))
        start, t = self.prior.center.copy(), self.bound.vector.size
        start[:t] = np.where(np.isnan(self.known), start[:t], self.known)
        return np.asarray(np.clip(start, self.prior.low, self.prior.high))


def to_fit(rows: Rows, limit: int) -> Rows:
    """So many of the rows as the evidence is evaluated on: of the best points and an even part."""
    if len(rows) <= limit:
        return rows
    z = np.full(len(rows.coords), np.inf)
    z[rows.at[rows.values]] = rows.y[rows.values]
    order = useful_first(z)
    points = np.isin(rows.at, order[: limit // 2])
    return rows.some(points).at_most(limit, order).compact()


def rows_of(bound: BoundCovariance, data: Observations, transform: OutputTransform) -> Rows:
    """The rows that are kept, in standardised units."""
    assert data.gradients is not None
    with np.errstate(over="ignore", invalid="ignore"):
        slopes = data.gradients * transform.slope(data.values)[:, None]
    scaler = transform.scaler
    u = scaler.scaled(data.values)
    slopes[(u <= scaler.low) | (u >= scaler.high)] = np.nan  # clipped: flat to the model
    slopes[~(np.abs(slopes) < 1e6)] = np.nan
    kept = subsample(data.values, _KEPT_VALUES)
    rows = Rows.observed(
        bound.columns,
        data.coords[kept],
        transform.forward(data.values)[kept],
        transform.known_noise(data.values, data.noise_sd)[kept],
        slopes[kept],
    )
    return rows.at_most(_KEPT, useful_first(data.values[kept]))


def useful_first(values: Floats) -> Integers:
    """Points in the order of what their derivatives are worth: the best, then an even part."""
    order = np.argsort(values, kind="stable")
    best, rest = order[: len(order) // 3], np.sort(order[len(order) // 3 :])
    stride = max(1, len(rest) // 50)
    even = np.concatenate([rest[i::stride] for i in range(stride)])
    return np.concatenate([best, even])


def _score_of_values(base: Fitted, n: int) -> float | None:
    """The same of the fit to the values alone; None when it is of another kind, or not to all."""
    gp = base.posterior.components[0]
    if not isinstance(gp, GaussianProcess) or len(gp.points) != n:
        return None
    return _score(gp.y[:, 0], *gp.leave_one_out())


def _is_noise(process: DerivativeProcess) -> bool:
    """Whether the derivatives are mostly noise to the model: they tell how rough the function is,
    and not which way it goes.
    """
    of = process.rows.of[~process.rows.values]
    shares = process.model.slope_noise / process.model.slope_variances
    return bool(np.median(shares[of]) > _NOISY) if len(of) else True


def _log_score(process: DerivativeProcess) -> float:
    """Log density of each value given all other rows, summed."""
    return _score(process.y[process.rows.values, 0], *process.leave_one_out())


def _score(y: Floats, mean: Floats, var: Floats) -> float:
    return -0.5 * float(((y - mean) ** 2 / var).sum() + np.log(2.0 * math.pi * var).sum())


def _said(bound: BoundCovariance, state: JointState) -> JointState:
    """Warn of each contradiction, once, when it was found in a few fits in a row."""
    found = {f"{_name(bound, j)}: {how.name}": (j, how) for j, how in state.contradicting.items()}
    streaks = {name: state.streaks.get(name, 0) + 1 for name in found}
    for name, k in state.streaks.items():  # what was said is not said again
        if k >= _PATIENCE:
            streaks[name] = max(k, streaks.get(name, 0))
    for name, (j, how) in found.items():
        if streaks[name] == _PATIENCE:
            logger.warning(
                "the derivatives with respect to %r %s: they are not used; check that they are "
                "those of the told value, in its direction and in the parameter's own unit",
                _name(bound, j),
                how.value,
            )
    return replace(state, streaks=streaks)


def _described(
    bound: BoundCovariance, process: DerivativeProcess | None, state: JointState
) -> dict[str, Any]:
    left_out = {_name(bound, j): how.value for j, how in state.contradicting.items()}
    if process is None:
        return {"used": 0, "contradicting": left_out}
    used = np.unique(process.rows.of[~process.rows.values])
    noise = np.sqrt(process.model.slope_noise)
    return {
        "used": int((~process.rows.values).sum()),
        "noise_sd": {_name(bound, int(j)): float(noise[j]) for j in used},
        "contradicting": left_out,
    }


def _name(bound: BoundCovariance, j: int) -> str:
    column, names = int(bound.columns.numeric[j]), bound.columns.names
    return names[column] if names else str(column)
