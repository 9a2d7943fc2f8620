"""One evaluation of a user's objective: what it returned, or why it failed. Runs in any worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bayesopt.minimize.failures import Fault, Grade, ObjectiveError, describe
from bayesopt.minimize.running import RunningTrial, StoppedEarly, takes_trial
from bayesopt.outcome import Outcome
from bayesopt.returned import read_outcome

Objective = Callable[[dict[str, Any]], object] | Callable[[dict[str, Any], RunningTrial], object]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came back from an objective; plain values only, so that any executor can carry it.

    Attributes
    ----------
    outcome : what it gave; None when it failed.
    failure : why it failed, as "Type: message"; None when it succeeded.
    fault : how an exception, or a result of the wrong type, came about.
    stopped : that it ended early, and why.
    """

    outcome: Outcome | None = None
    failure: str | None = None
    fault: Fault | None = None
    stopped: StoppedEarly | None = None


def evaluate(
    objective: Callable[..., object],
    params: Mapping[str, Any],
    catch: bool,
    running: RunningTrial | None = None,
    objectives: tuple[str, ...] = (),
) -> Evaluation:
    """Call ``objective`` with its own copy of ``params``.

    Parameters
    ----------
    running : the trial, for an objective that takes it.
    catch : turn an exception of the objective into a failure. KeyboardInterrupt and SystemExit
        always pass: they are not about the point. An ObjectiveError, or a result of a type that
        can never be a value, never does: it ends the run.
    objectives : names of several objectives, which the result must have.

    Raises
    ------
    Exception : whatever the objective raised, when ``catch`` is false.
    """
    how = None if running is None else takes_trial(objective)
    try:  # called right here: what is told of an exception begins below this frame
        if how == "place":
            answer = objective(dict(params), running)
        elif how == "name":
            answer = objective(dict(params), trial=running)
        else:
            answer = objective(dict(params))
    except Exception as error:
        if not catch and not isinstance(error, ObjectiveError):
            raise
        return Evaluation(failure=describe(error), fault=Fault.of(error, params))
    if isinstance(answer, StoppedEarly):
        return Evaluation(stopped=answer)
    try:
        outcome = read_outcome(answer, objectives)
    except TypeError as error:
        fault = replace(Fault.of(error, params), grade=Grade.FATAL)
        return Evaluation(failure=str(error), fault=fault)
    except ValueError as error:
        return Evaluation(failure=describe(error))
    if isinstance(outcome, str):
        return Evaluation(failure=outcome)
    return Evaluation(outcome)
