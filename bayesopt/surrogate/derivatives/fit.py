"""From a fit to values to one to values and derivatives, where these help."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Fitted, Observations
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.derivatives.contradictions import Contradiction, contradictions
from bayesopt.surrogate.derivatives.joint_evidence import JointEvidence
from bayesopt.surrogate.derivatives.joint_model import JointModel, joint_vector
from bayesopt.surrogate.derivatives.joint_state import JointState
from bayesopt.surrogate.derivatives.kept_rows import rows_of, to_fit
from bayesopt.surrogate.derivatives.process import DerivativeProcess
from bayesopt.surrogate.derivatives.rows import Rows
from bayesopt.surrogate.derivatives.signs import support, wrong_signs
from bayesopt.surrogate.descent import DescentSettings, descend
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import LogPrior, Priors

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_FITTED = 300  # rows at most that hyperparameters are fitted to, and half as many points
_STEPS, _STEPS_AGAIN = 25, 8  # of a descent: the first, and from the last fit's optimum
_STEPS_FIRST = 6  # of several descents, of which the best goes on
_STEPS_LATE = 12  # of a first descent on many rows
_NATS = 0.1  # gained by a step that ends such a descent
_NOISY = 0.5  # of a derivative's prior variance
_SUPPORTED = (
    1.0  # nats: else the values say as little of the derivatives' signs as of the opposite
)
_PENALTY = 1.0  # nats that a covariance pays for each component beyond the first
_ADDITIVE_STARTS = 0.05, 0.2  # lengthscales of the additive component: of ripples, of a trend
_SEVERAL = 150  # rows beyond which covariances are compared one at a time
_PATIENCE = 3  # fits in a row that have to say so before it is worth a warning


def sharpened(
    base: Fitted,
    models: Mapping[str, tuple[BoundCovariance, Floats]],
    data: Observations,
    state: Mapping[str, Any] | None,
    priors: Priors,
) -> Fitted:
    """The fit to values, with the derivatives where they help to predict the values.

    Parameters
    ----------
    base : the fit to the values alone.
    models : covariances of values and derivatives to choose from by evidence, by name, the
        simplest first, over the same columns; with each (t,) its log hyperparameters that ``base``
        has, the others NaN: where a first descent begins.
    data : the observations; ``gradients`` are told.
    state : what the last fit left.
    """
    rows = rows_of(next(iter(models.values()))[0], data, base.transform)
    if rows.values.all():
        return base
    fits: list[JointFit] = []
    of_values = next(reversed([m for m in models.values() if not np.isnan(m[1]).any()]))
    for name, (bound, known) in models.items():
        prior = joint_vector(bound).prior(priors, deterministic=data.noise_is_known)
        fits.append(JointFit(name, base, of_values, bound, known, rows, prior))
    old = JointState.read(state, {fit.name: len(fit.prior.center) for fit in fits})
    try:
        best, process, new = _selected(fits, old)
    except NotPositiveDefinite as error:  # as rare as for values alone; these have the derivatives
        logger.warning("the derivatives are not used: %s", error)
        return base
    if new is not old:
        new = _said(best.bound, new, old)
    about = {
        **base.diagnostics,
        "gradients": _described(best.bound, None if new.worse else process, new),
    }
    kept = replace(base, state={**base.state, "derivatives": new.json()}, diagnostics=about)
    return replace(kept, posterior=Posterior.single(process)) if not new.worse else kept


def _selected(
    fits: Sequence[JointFit], old: JointState | None
) -> tuple[JointFit, DerivativeProcess, JointState]:
    """The fit with the covariance of the last one; from time to time that of most evidence."""
    n = len(fits[0].rows.coords)
    last = next((fit for fit in fits if old and fit.name == old.model), fits[0])
    if len(fits) == 1 or (old is not None and not old.compares(n)):
        return last, *last.made(old)[1:]
    rounds, streaks = (0, {}) if old is None else (old.rounds, old.streaks)
    others = [fit for fit in fits if fit is not last]
    if old is not None and len(fits[0].rows) > _SEVERAL:
        others = [others[rounds % len(others)]]
    best, (cost, process, state) = last, last.made(old)
    wrong = state.contradicting
    for other in others:
        its_cost, its_process, its_state = other.fitted(wrong, None)
        if its_cost + other.penalty < cost + best.penalty:
            best, cost, process, state = other, its_cost, its_process, its_state
    return best, process, replace(state, compared=n, rounds=rounds + 1, streaks=streaks)


@dataclass(frozen=True, eq=False)
class JointFit:
    """What a joint fit starts from.

    Attributes
    ----------
    name : of the covariance among those to choose from.
    base : the fit to the values alone.
    of_values : its covariance with its log hyperparameters.
    bound : the covariance.
    known : (t,) its log hyperparameters as far as ``base`` has them.
    rows : values and derivatives.
    prior : of the joint hyperparameters.
    """

    name: str
    base: Fitted
    of_values: tuple[BoundCovariance, Floats]
    bound: BoundCovariance
    known: Floats
    rows: Rows
    prior: LogPrior

    @property
    def penalty(self) -> float:
        """Nats that the covariance pays for its summands beyond the first."""
        return _PENALTY * (len(self.bound.summands) - 1)

    def made(self, old: JointState | None) -> tuple[float, DerivativeProcess, JointState]:
        """The least negative log posterior of hyperparameters, the process given all that may
        be used, and what the next fit starts from. ``old`` is returned while no fit is due, and
        the first number means nothing then.

        Raises
        ------
        NotPositiveDefinite : when a covariance cannot be factorised.
        """
        n, of = len(self.rows.coords), self._columns
        if old is not None and not old.is_due(n):
            rows = self._without(old.contradicting)
            return math.nan, self._conditioned(rows, np.array(old.log_theta)), old
        wrong = contradictions(self._values, self.rows, of)
        found = self.fitted(wrong, old)
        more = contradictions(found[1], self.rows, [j for j in of if j not in wrong])
        more |= dict.fromkeys(wrong_signs(found[1]), Contradiction.SIGN)
        return self.fitted(wrong | more, old) if more else found

    def fitted(
        self, wrong: Mapping[int, Contradiction], old: JointState | None
    ) -> tuple[float, DerivativeProcess, JointState]:
        """The same without the derivatives that are known to be wrong."""
        n = len(self.rows.coords)
        cost, process, log_theta = self._fitted(self._without(wrong), old)
        alone = _score_of_values(self.base, n) or _log_score(self._values)
        worse = _log_score(process) < alone or _is_noise(process)
        worse = worse or support(process) < _SUPPORTED
        before = (0, 0, {}) if old is None else (old.compared, old.rounds, old.streaks)
        compared, rounds, streaks = before
        theta = tuple(map(float, log_theta))
        state = JointState(n, self.name, theta, compared, rounds, wrong, worse, streaks)
        return cost, process, state

    @cached_property
    def _values(self) -> DerivativeProcess:
        """Given the values alone, as ``base`` is."""
        bound, log_theta = self.of_values
        noise = np.zeros(len(bound.columns.numeric))  # of the derivatives: there are none
        model = JointModel(bound, np.append(log_theta, noise))
        return DerivativeProcess.fit(model, self.rows.some(self.rows.values))

    @property
    def _columns(self) -> list[int]:
        return [int(j) for j in np.unique(self.rows.of) if j >= 0]

    def _without(self, wrong: Mapping[int, Contradiction]) -> Rows:
        return self.rows.some(~np.isin(self.rows.of, list(wrong))) if wrong else self.rows

    def _fitted(
        self, rows: Rows, old: JointState | None
    ) -> tuple[float, DerivativeProcess, Floats]:
        some = to_fit(rows, _FITTED)
        again = DescentSettings.near(len(some), _STEPS_AGAIN, _NATS)
        steps = _STEPS if len(self.rows) <= _SEVERAL else _STEPS_LATE
        settings = DescentSettings(steps) if old is None else again
        evidence, starts = JointEvidence(self.bound, some), self._starts(old)
        if len(starts) > 1:
            first = DescentSettings(_STEPS_FIRST)
            tried = [descend(evidence, self.prior, at, first) for at in starts]
            starts = [min(tried, key=lambda fit: fit[0])[1]]
        cost, log_theta = descend(evidence, self.prior, starts[0], settings)
        return cost, self._conditioned(rows, log_theta), log_theta

    def _conditioned(self, rows: Rows, log_theta: Floats) -> DerivativeProcess:
        return DerivativeProcess.fit(JointModel(self.bound, log_theta), rows)

    def _starts(self, old: JointState | None) -> list[Floats]:
        if old is not None:
            return [np.asarray(np.clip(old.log_theta, self.prior.low, self.prior.high))]
        start, t = self.prior.center.copy(), self.bound.vector.size
        start[:t] = np.where(np.isnan(self.known), start[:t], self.known)
        start = np.clip(start, self.prior.low, self.prior.high)
        scales = self.bound.vector.where.get("additive_lengthscale")
        if scales is None:
            return [start]
        starts = []
        for scale in _ADDITIVE_STARTS:
            starts.append(start.copy())
            starts[-1][scales] = math.log(scale)
        return starts


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


def _said(bound: BoundCovariance, state: JointState, old: JointState | None) -> JointState:
    """Warn of each contradiction, once, when it was found in a few fits in a row."""
    if state.worse and not (old and old.worse):
        logger.info(
            "the values are not predicted better with the derivatives than without: for now they "
            "are not used"
        )
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
