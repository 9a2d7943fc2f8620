"""Trials that were stopped early, as data for the model; and which of them is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.events import Asked
from bayesopt.optimizer.history import History
from bayesopt.problem import Problem
from bayesopt.stopping import (
    LearningCurve,
    StoppingRule,
    ends_look_by_look,
    learning_curves,
    predicted_ends,
)
from bayesopt.strategy import Measured, RunData, with_partial
from bayesopt.trial import Origin, TrialState

_MOST = 150  # stopped trials that a surrogate is fitted to
_DOUBT = 0.5  # of a log rank, in a run whose values have no noise
_ENDED = (TrialState.COMPLETE, TrialState.STOPPED, TrialState.FAILED)


def with_stopped(
    history: History, data: RunData, row: NDArray[np.int64], rule: StoppingRule | None = None
) -> RunData:
    """The run with its stopped trials where they are predicted to end; or, by a rule that says how
    trials stand among each other, with that in place of all values.

    The curves of running trials are left out: what is proposed depends on results.

    Parameters
    ----------
    row : (trials,) each trial's row in ``data.coords``.
    rule : given where the model is for proposing. Values of short looks and of long ones are not
        on one scale, and may be anything, also 1e19.
    """
    if len(data.problem.objectives) != 1:
        return data
    sign = data.problem.objective.sign
    curves = learning_curves((t for t in history.trials if t.state in _ENDED), sign)
    stopped = [c for c in curves if c.waits and c.number in history.stopped_after]
    stopped.sort(key=lambda c: (history.stopped_after[c.number], c.number))
    if not stopped or not any(c.complete for c in curves):
        return data
    mean, sd = (ends_look_by_look if rule is None else predicted_ends)(curves, stopped)
    standing = None if rule is None else _standing(history, curves, rule)
    if standing is not None:
        mean = np.array([standing[c.number] for c in stopped])
        sd = np.full(len(mean), _DOUBT if data.problem.deterministic else np.nan)
        data = _with_values(data, sign * standing[np.array(history.completed)])
    chosen = _heard(mean)
    stopped, mean, sd = [stopped[i] for i in chosen], mean[chosen], sd[chosen]
    numbers = np.array([c.number for c in stopped])
    n = len(data.evaluated)
    places = np.array([min(history.stopped_after[c.number], n) for c in stopped])
    known = np.isfinite(mean)
    if standing is None:
        known &= np.isfinite(sd) & (sd > 0.0)
    return with_partial(data, places[known], row[numbers[known]], sign * mean[known], sd[known])


def _standing(
    history: History, curves: list[LearningCurve], rule: StoppingRule
) -> NDArray[np.float64] | None:
    """(trials,) how each stands, NaN where that is not known; None where it is not of a complete
    one, which may have reported nothing.
    """
    once = [c for c in curves if not c.superseded]
    scores = rule.standing(once)
    if scores is None:
        return None
    found = np.full(len(history.trials), np.nan)
    found[[c.number for c in once]] = scores
    return None if np.isnan(found[np.array(history.completed)]).any() else found


def _with_values(data: RunData, values: NDArray[np.float64]) -> RunData:
    """The run with other values of its objective, of which no noise and no gradient is known."""
    measured = tuple(
        Measured(m.output, values) if m.output in data.problem.objectives else m
        for m in data.measured
    )
    return replace(data, measured=measured)


def _heard(mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the stopped trials that inform the surrogate, ascending: all while they are few,
    else the more promising half, and of the others as many, evenly. A fit takes time with the cube
    of their number, and each of them says little.
    """
    if len(mean) <= _MOST:
        return np.arange(len(mean))
    order = np.argsort(mean, kind="stable")
    best, rest = order[: _MOST // 2], np.sort(order[_MOST // 2 :])
    evenly = np.linspace(0, len(rest) - 1, _MOST - len(best)).round().astype(np.int64)
    return np.sort(np.concatenate([best, rest[evenly]]))


def answers_from(history: History) -> Mapping[str, Any]:
    """What the fit of the model that answers questions starts from: that of the last proposal,
    but from nothing where that one was fitted to how trials stand, whose scale is another.
    """
    return {} if history.stopped_after else history.fit_from


def asked_again(
    history: History, problem: Problem, rule: StoppingRule, *, exhausted: bool = False
) -> Asked | None:
    """The event that hands a stopped trial's point out once more; None: a new one is due, or,
    where no new one is left (``exhausted``), none at all.
    """
    if not history.stopped_after or len(problem.objectives) != 1:
        return None
    curves = learning_curves(history.trials, problem.objective.sign)
    ask = rule.remaining if exhausted else rule.resumes
    number = ask([_as_asked_again(history, c) for c in curves])
    if number is None:
        return None
    return Asked(len(history.trials), history.row(number), Origin.RESUMED)


def _as_asked_again(history: History, curve: LearningCurve) -> LearningCurve:
    """A trial that was run at what is no point of the space informs the model, and that is all."""
    barred = curve.waits and curve.number in history.outside
    return replace(curve, superseded=True) if barred else curve


def explored(history: History, problem: Problem, rule: StoppingRule) -> bool:
    """Whether the next new point is to be a random one."""
    if not history.stopped_after or len(problem.objectives) != 1:
        return False
    curves = learning_curves(history.trials, problem.objective.sign)
    return rule.explores(len(history.trials), curves)
