"""Changes to trials that were finished: a result withdrawn, or corrected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayesopt.checks import listed, shown
from bayesopt.optimizer.amending_events import Corrected, Retracted
from bayesopt.optimizer.events import Failed, Told
from bayesopt.optimizer.history import STATE_CODES, History
from bayesopt.optimizer.result_columns import ResultColumns
from bayesopt.outcome import Outcome, outcome_to_json
from bayesopt.replicates import with_mean
from bayesopt.returned import in_order, read_outcome
from bayesopt.trial import Trial, TrialState

WITH_RESULT = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
CORRECTABLE = (*WITH_RESULT, TrialState.RETRACTED)

_ROLES = ("objectives", "constraints", "records", "sds")


def retract(history: History, event: Retracted) -> None:
    """Take in that a result is withdrawn."""
    old = history._trial(event.number, *WITH_RESULT)
    _withdraw(history, old)
    _put(
        history,
        replace(old, state=TrialState.RETRACTED, outcome=None, error=event.error, violated=()),
    )


def correct(history: History, event: Corrected) -> None:
    """Take in that a trial has another result."""
    old = history._trial(event.number, *CORRECTABLE)
    place = history.completed.index(old.number) if old.state is TrialState.COMPLETE else None
    _withdraw(history, old)
    _put(history, replace(old, state=TrialState.PENDING, outcome=None, error=None, violated=()))
    if event.row is not None:
        history.outside.discard(old.number)
    if event.outcome is None:
        history._failed(Failed(old.number, event.error, event.row))
    else:
        history._told(Told(old.number, event.outcome, event.row))
        if place is not None:  # where it was: the order of the results says nothing new
            history.completed.insert(place, history.completed.pop())
    new = history.trials[old.number]  # its evaluation took as long as it did
    history.trials[old.number] = replace(new, seconds=old.seconds, asked=_asked(old, event))


def _withdraw(history: History, old: Trial) -> None:
    """Forget a trial's result, and what was learned from it: the next fit starts anew."""
    history.results = ResultColumns()
    history.stopped_after.pop(old.number, None)
    if old.state is TrialState.COMPLETE:
        history.completed.remove(old.number)
        same = history._same_point[history._point_key(old.number)]
        same.remove(old.number)
        history._share_constraints(same)
        history._named = history._names_in_results(apart_from=old.number)
    history.n_results += 1
    history._model_state, history._fitted_from, history._fitted_at = {}, {}, -1


def _put(history: History, trial: Trial) -> None:
    history.trials[trial.number] = trial
    history._states[trial.number] = STATE_CODES[trial.state]


def _asked(old: Trial, event: Corrected) -> Mapping[str, Any] | None:
    """What was asked for, when that is not where it was evaluated."""
    if event.row is None or old.asked is not None:
        return old.asked
    return old.params


def corrected(old: Trial, result: object, objectives: Sequence[str] = ()) -> Outcome | str:
    """The outcome of a trial after a correction; or, for a failure, why.

    Parameters
    ----------
    result : as ``Optimizer.correct`` takes it: what a mapping does not name stays as it was, and
        None takes a number away.
    objectives : names of several objectives.

    Raises
    ------
    TypeError, ValueError : for what can be no result, or says nothing.
    """
    if isinstance(result, Outcome):
        return result
    if objectives and isinstance(result, float) and not math.isfinite(result):
        return read_outcome(result, objectives)
    if objectives:
        given = result if isinstance(result, Mapping) else in_order(result, objectives)
    else:
        given = result if isinstance(result, Mapping) else {"value": result}
        given = with_mean({"values": result} if isinstance(result, list) else given)
    if not given:
        raise ValueError("the correction is empty: give the value, or what else was wrong")
    if old.outcome is None and given.get("value") is None and not objectives:
        raise ValueError(
            f"trial {old.number} has no result ({old.state.name.lower()}), so its correction "
            f"needs 'value'; got {listed(given)}"
        )
    whole: dict[Any, Any] = {} if old.outcome is None else outcome_to_json(old.outcome)
    for name, new in given.items():
        _replace(whole, name, new)
    return read_outcome(whole, objectives)


def _replace(whole: dict[Any, Any], name: object, new: object) -> None:
    """Put one entry of a correction into a result, where that has it."""
    if name == "value" and new is None:
        raise ValueError(
            "'value' cannot be taken away; retract() withdraws a result, and the value "
            "float('nan') says that the evaluation failed"
        )
    if name in _ROLES and isinstance(new, Mapping):
        for inner, number in new.items():
            _replace_in(whole.setdefault(name, {}), inner, number)
        return
    place = next((whole[role] for role in _ROLES[:3] if name in whole.get(role, {})), whole)
    if new is None and name not in place:
        raise ValueError(f"the result has no {shown(name)} that could be taken away")
    if new is None and place is whole.get("objectives"):
        raise ValueError(
            f"the objective {shown(name)} cannot be taken away; retract() withdraws a result"
        )
    _replace_in(place, name, new)
    if new is None:
        whole.get("sds", {}).pop(name, None)


def _replace_in(place: dict[Any, Any], name: object, new: object) -> None:
    if new is None:
        place.pop(name, None)
    else:
        place[name] = new
