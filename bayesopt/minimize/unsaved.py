"""Results of finished evaluations that the storage could not take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bayesopt.minimize.worker_pool import Finished
from bayesopt.outcome import outcome_to_json
from bayesopt.storage import StorageError


class ResultsNotKept(StorageError):
    """Evaluations were finished, but their results could not be stored (a full disk, say).

    Attributes
    ----------
    untold : for each of them its trial's ``number`` and ``params``, and its outcome (``value``,
        with what else is known) or ``error``: what ``Optimizer.tell`` or ``bayesopt tell`` needs
        when there is space again.
    reason : what the storage said.
    """

    def __init__(self, reason: str, untold: list[dict[str, Any]]) -> None:
        super().__init__(f"{reason}; not stored: {untold}")
        self.reason = reason
        self.untold = untold

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.untold)


def untold(finished: Iterable[Finished]) -> list[dict[str, Any]]:
    """The results of finished trials, in the form that ``Optimizer.tell`` takes."""
    return [
        {"number": f.trial.number, "params": dict(f.trial.params), **_answer(f)}
        for f in finished
        if f.evaluation is not None
    ]


def _answer(finished: Finished) -> dict[str, Any]:
    evaluation = finished.evaluation
    if evaluation is None or evaluation.outcome is None:
        return {"error": (evaluation and evaluation.failure) or "no result"}
    return outcome_to_json(evaluation.outcome)
