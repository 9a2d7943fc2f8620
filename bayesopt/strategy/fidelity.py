"""At which fidelity a point is evaluated: what it tells of the top one, for its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import AcquisitionContext, LogEI
from bayesopt.proposal import ProposalContext
from bayesopt.strategy.data import RunData

Floats = NDArray[np.float64]

_LEVELS = 8  # fidelities that are looked at
_DESIGN = (0.0, 1 / 3, 0.0, 2 / 3)  # of the initial design after its first point, which is full
_PATIENCE = 2.0  # full evaluations' cost that may go below the top before one at the top is due
_DOUBT = 0.1  # in log cost: how far told costs may be from the model of them


def chosen_fidelity(
    data: RunData, context: ProposalContext, posterior: object, coords: Floats
) -> ProposalContext | None:
    """The context of the same proposal at a lower fidelity; None to leave it at the top.

    A full evaluation gains the expected improvement. A cheaper one gains what it tells of the full
    value at the point: EI with the standard deviation by which the posterior mean there would
    move (a knowledge gradient of one point, Frazier et al. 2009), over the better one of the best
    value so far and of what is expected there already. Chosen is the fidelity of the greatest gain
    per cost. When cheap evaluations have cost as much as two full ones, a full one is due.

    Parameters
    ----------
    context : of the proposal, with the fidelity held at the top.
    posterior : the posterior state that the point was chosen at.
    coords : (p,) the point at the top fidelity.
    """
    levels = _levels(data, context)
    if levels is None or not isinstance(posterior, AcquisitionContext):
        return None
    name, values = levels
    costs = log_costs(data, values)
    if posterior.objective is None or _full_one_is_due(data, name):
        return None
    parts = [_at(data, context, name, value) for value in values]
    points = np.array([part.space.snap(coords[None])[0] for part in parts])
    gains = _log_gains(posterior, points)
    free = np.array([bool(p.is_new(x[None])[0]) for p, x in zip(parts, points, strict=True)])
    index = np.where(free | (np.arange(len(values)) == len(values) - 1), gains - costs, -np.inf)
    if not np.isfinite(index).any():
        return None
    best = int(np.argmax(index))
    return None if best == len(values) - 1 else parts[best]


def design_fidelity(data: RunData, context: ProposalContext) -> ProposalContext | None:
    """The context of an initial point: the first is evaluated in full, the rest at cheap levels,
    in turn.
    """
    levels = _levels(data, context)
    begun = data.n_results + len(data.pending)
    if levels is None or begun == 0:
        return None
    name, values = levels
    place = _DESIGN[(begun - 1) % len(_DESIGN)]
    return _at(data, context, name, values[int(place * (len(values) - 1))])


def log_costs(data: RunData, values: list[float]) -> Floats:
    """Log costs of fidelities, relative to the top one (the last).

    Costs are proportional to the fidelity until some were told: then to a power of it, fitted to
    their logarithms by least squares, with the power 1 as a prior guess.
    """
    steps = np.log(np.array(values) / values[-1])
    power = 1.0
    fidelity, costs = data.space.fidelity, data.costs
    if fidelity is not None and costs is not None:
        known = np.isfinite(costs) & (np.nan_to_num(costs) > 0.0)
        column = data.space.columns.index(fidelity)
        rows = data.space.to_rows(data.evaluated_coords[known])[:, column]
        if len(rows) > 1:
            x, y = np.log(rows), np.log(costs[known])
            x, y = x - x.mean(), y - y.mean()
            power = float((x @ y + _DOUBT) / (x @ x + _DOUBT))
    return np.asarray(max(power, 0.0) * steps)


def _levels(data: RunData, context: ProposalContext) -> tuple[str, list[float]] | None:
    """The fidelity parameter when it is free to be lowered, and its levels, the top one last."""
    name = data.space.fidelity
    if name is None or name not in context.held:
        return None
    column = data.space.columns.index(name)
    grid = np.tile(data.space.defaults, (_LEVELS, 1))
    grid[:, column] = np.linspace(0.0, 1.0, _LEVELS)
    rows = data.space.to_rows(data.space.snap(grid))[:, column]
    return name, np.unique(rows).tolist()


def _at(data: RunData, context: ProposalContext, name: str, value: Any) -> ProposalContext:
    decoded = data.space.parameters[name].decode(value)
    fixed: Mapping[str, Any] = {**context.space.fixed, name: decoded}
    return replace(context, space=data.space.fix(fixed), taken=data.coords)


def _full_one_is_due(data: RunData, name: str) -> bool:
    """Whether the evaluations since the last one in full have cost enough."""
    column = data.space.columns.index(name)
    known = np.concatenate([data.evaluated, data.failed, data.pending])
    rows = data.space.to_rows(data.coords[np.sort(known)])[:, column]
    top = float(data.space.to_rows(np.ones((1, data.space.n_columns)))[0, column])
    full = np.flatnonzero(rows >= top)
    since = rows[full[-1] + 1 :] if len(full) else rows
    if not len(since):
        return False
    spent = [np.exp(log_costs(data, [value, top])[0]) for value in since]
    return bool(sum(spent) >= _PATIENCE)


def _log_gains(posterior: AcquisitionContext, points: Floats) -> Floats:
    """(k,) log expected improvement at the last of points (k, p), of observing each of them."""
    assert posterior.objective is not None
    total = np.full(len(points), -np.inf)
    each = zip(
        posterior.objective.components,
        posterior.objective.weights,
        posterior.incumbents,
        strict=True,
    )
    for component, weight, best in each:
        mean, covariance = component.joint(points)
        noise = component.noise_variance
        moved = covariance[:, -1] ** 2 / np.maximum(np.diag(covariance) + noise, 1e-12)
        means = np.repeat(mean[-1:], len(points), axis=0)
        known = LogEI().score(means, np.maximum(moved, 1e-12), np.minimum(best, mean[-1]))
        full = LogEI().score(means[-1:], np.maximum(moved[-1:], 1e-12), best)
        gains = np.append(known[:-1], full)
        total = np.logaddexp(total, gains + np.log(weight))
    return total
