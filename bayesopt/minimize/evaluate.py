"""One evaluation of a user's objective: what it returned, or why it failed. Runs in any worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bayesopt.trial import Outcome, read_outcome

_log = logging.getLogger("bayesopt.minimize")

Objective = Callable[[dict[str, Any]], object]

_MESSAGE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came back from an objective; plain values only, so that any executor can carry it.

    Attributes
    ----------
    result : a float, or a mapping as ``Optimizer.tell`` takes it; None when it failed.
    failure : why it failed, as "Type: message"; None when it succeeded.
    """

    result: float | dict[str, Any] | None = None
    failure: str | None = None


def evaluate(objective: Objective, params: Mapping[str, Any], catch: bool) -> Evaluation:
    """Call ``objective`` with its own copy of ``params``.

    Parameters
    ----------
    catch : turn an exception of the objective, or a result of the wrong type, into a failure.
        KeyboardInterrupt and SystemExit always pass: they are not about the point.

    Raises
    ------
    Exception : whatever the objective raised, when ``catch`` is false.
    """
    try:
        outcome = read_outcome(objective(dict(params)))
    except Exception as error:
        if not catch:
            raise
        _log.debug("evaluation failed", exc_info=True)
        return Evaluation(failure=describe(error))
    if isinstance(outcome, str):
        return Evaluation(failure=outcome)
    return Evaluation(result=_plain(outcome))


def describe(error: BaseException) -> str:
    """An exception as "Type: message"; the middle of a very long message is left out."""
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    if len(text) <= _MESSAGE_LENGTH:
        return text
    half = _MESSAGE_LENGTH // 2
    return f"{text[:half]} [...] {text[-half:]}"


def _plain(outcome: Outcome) -> float | dict[str, Any]:
    fields: dict[str, Any] = {
        "sd": outcome.sd,
        "constraints": dict(outcome.constraints) or None,
        "cost": outcome.cost,
        "info": outcome.info,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return {"value": outcome.value, **given} if given else outcome.value
