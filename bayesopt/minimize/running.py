"""The trial as the objective sees it while it runs: reports, and whether to stop."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayesopt.minimize.reporting import Reports

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAME = "trial"
_WRAPPERS = 32  # of decorators, one around another, that are looked through


@dataclass(frozen=True, slots=True)
class StoppedEarly:
    """What an objective returns that has ended early: ``return trial.stopped()``."""

    why: str | None = None


class RunningTrial:
    """The trial that is being evaluated, for an objective with a second argument.

    ::

        def train(params, trial):
            for epoch in range(1, 51):
                loss = ...
                trial.report(loss, epoch)
                if trial.should_stop():
                    return trial.stopped()
            return loss

    Attributes
    ----------
    number : of the trial in the run.
    params : the point, a dict of its own.

    It may go to a worker process of the run's machine: what it says there gets to the run.
    """

    def __init__(self, reports: Reports, number: int, params: Mapping[str, Any]) -> None:
        self.number = number
        self.params = dict(params)
        self._reports = reports

    def __repr__(self) -> str:
        return f"RunningTrial({self.number})"

    def report(self, value: object, step: int) -> None:
        """Say how far it is.

        Parameters
        ----------
        value : of the objective so far, in its units; one that is not finite is kept as NaN.
        step : a whole number >= 0, such as the epoch.

        A report of a trial that somebody else has ended (its time was up) is left out; then
        :meth:`should_stop` is true.
        """
        self._reports.report(self.number, value, step)

    def should_stop(self) -> bool:
        """Whether it is better ended now, by the run's ``early_stopping``."""
        return self._reports.why_stop(self.number) is not None

    @property
    def resumes(self) -> int | None:
        """The number of the stopped trial that this one goes on with, from a checkpoint if there
        is one; None: it is a new one.
        """
        return self._reports.resumes(self.number)

    def stopped(self, why: str | None = None) -> StoppedEarly:
        """What to return after an early end, with the reason; None: the rule's."""
        return StoppedEarly(why if why is not None else self._reports.why_stop(self.number))

    def __reduce__(self) -> tuple[Any, ...]:
        return RunningTrial, (self._reports.for_worker(), self.number, self.params)


def takes_trial(
    objective: Callable[..., object], parameters_of_space: Collection[str] = ()
) -> str | None:
    """How an objective is to be given the running trial.

    It gets it when it has two arguments without a default, or one called ``trial``. ``*args`` and
    ``**kwargs`` do not count.

    Parameters
    ----------
    objective : the function.
    parameters_of_space : their names: an objective whose second argument is called like one of
        them was meant to be called otherwise.

    Returns
    -------
    "place": as the second argument; "name": as ``trial=``; None: it has one argument.
    """
    signature = _signature(objective)
    if signature is None:
        return None
    parameters = list(signature.parameters.values())
    placed = [p for p in parameters if p.kind in _BY_PLACE]
    needed = [p for p in placed if p.default is p.empty]
    if len(placed) >= 2 and placed[1].name in parameters_of_space:
        return None
    if len(placed) >= 2 and (len(needed) == 2 or (placed[1].name == _NAME and len(needed) < 3)):
        return "place"
    if not placed or len([p for p in needed if p.name != _NAME]) > 1:
        return None
    by_name = [p for p in parameters if p.name == _NAME and p.kind is not p.POSITIONAL_ONLY]
    named = [p for p in by_name if p.kind is not p.VAR_POSITIONAL and p.kind is not p.VAR_KEYWORD]
    unbound = [p for p in named if p is not placed[0] and not _bound(objective, p.name)]
    return "name" if unbound else None


def _signature(objective: Callable[..., object]) -> inspect.Signature | None:
    """Of the function that is called; of the wrapped one where a decorator takes anything."""
    for _ in range(_WRAPPERS):
        try:
            signature = inspect.signature(objective, follow_wrapped=False)
        except (TypeError, ValueError):  # some builtins have none
            return None
        anything = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
        inner = getattr(objective, "__wrapped__", None)
        if not anything or not callable(inner):
            return signature
        objective = inner
    return None


def _bound(objective: Callable[..., object], name: str) -> bool:
    """Whether a partial function has this argument already."""
    return name in (getattr(objective, "keywords", None) or {})
