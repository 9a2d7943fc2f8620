"""A run: ask, evaluate, tell, and what SciPy's users expect to hear of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.integrations.scipy.workers import Map
from bayesopt.optimizer import Optimizer
from bayesopt.proposal import NoFeasiblePoint, SpaceExhausted
from bayesopt.result import Stop
from bayesopt.returned import SEVERAL_ELSEWHERE
from bayesopt.trial import Trial

Floats = NDArray[np.float64]

_VERDICTS = {
    Stop.N_TRIALS: (0, "All evaluations were spent."),
    Stop.RUNNING: (0, "The run goes on."),
    Stop.EXHAUSTED: (1, "Every point of the space was evaluated."),
    Stop.NO_FEASIBLE_POINT: (3, "No new point was found that meets the constraints"),
    Stop.CALLBACK: (99, "The callback asked to stop."),  # SciPy's number for it
}


@dataclass(frozen=True)
class VectorFunction:
    """The objective as a function of the vector alone; it can be sent to another process."""

    fun: Callable[..., Any]
    args: Any = ()

    def __post_init__(self) -> None:
        if not callable(self.fun):
            raise TypeError(f"fun must be a function of a vector; got {self.fun!r}")
        if not isinstance(self.args, tuple):
            object.__setattr__(self, "args", (self.args,))  # as SciPy reads args=3

    def __call__(self, x: Floats) -> float:
        """The value as a float; TypeError for anything that is not one number."""
        answer = self.fun(np.copy(x), *self.args)
        value = np.asarray(answer)
        if value.size != 1 or value.dtype.kind not in "bifu":
            more = f". {SEVERAL_ELSEWHERE}" if value.size > 1 else ""
            raise TypeError(f"fun must return a number; got {answer!r} at x = {x!r}{more}")
        return float(value.item())


@dataclass(frozen=True)
class Run:
    """One call of ``minimize``.

    Attributes
    ----------
    evaluate : like ``map``: takes the objective and points, gives their values in order.
    size : points evaluated at once.
    """

    optimizer: Optimizer
    fun: VectorFunction
    evaluate: Map
    size: int

    def go(self, budget: int, callbacks: Sequence[Callable[[Any], bool]]) -> Any:
        """Spend ``budget`` evaluations, unless a callback says to stop, and give the result."""
        spent, n_batches, stop, why = 0, 0, Stop.N_TRIALS, ""
        while spent < budget:
            try:
                trials = self.optimizer.ask_batch(min(self.size, budget - spent))
            except NoFeasiblePoint as error:
                stop, why = Stop.NO_FEASIBLE_POINT, f": {'; '.join(error.constraints)}"
                break
            except SpaceExhausted:
                stop = Stop.EXHAUSTED
                break
            values = self.evaluate(self.fun, [self._vector(trial) for trial in trials])
            for trial, value in zip(trials, values, strict=True):
                self.optimizer.tell(trial, value)
            spent, n_batches = spent + len(trials), n_batches + 1
            state = self._state(Stop.RUNNING, n_batches)
            if sum(callback(state) for callback in callbacks):  # all are called
                stop = Stop.CALLBACK
                break
        found = self._state(stop, n_batches)
        found.message += why
        recommended = self.optimizer.recommended
        if recommended is not None:
            found.x_recommended = self._vector(recommended)
        return found

    def _vector(self, trial: Trial) -> Floats:
        return np.array([float(trial.params[name]) for name in self.optimizer.space.names])

    def _state(self, stop: Stop, n_batches: int) -> Any:
        from scipy.optimize import OptimizeResult

        trials = self.optimizer.trials
        points = np.array([self._vector(trial) for trial in trials])
        values = np.array([math.nan if t.value is None else t.value for t in trials])
        best = int(np.nanargmin(values)) if np.isfinite(values).any() else None
        status, message = _VERDICTS[stop]
        if best is None and status in (0, 1) and stop is not Stop.RUNNING:
            status, message = 2, "No evaluation gave a finite value."
        return OptimizeResult(
            x=np.full(len(self.optimizer.space.names), np.nan) if best is None else points[best],
            fun=math.nan if best is None else float(values[best]),
            success=best is not None and status in (0, 1, 3),
            status=status,
            message=message,
            nfev=len(values),
            nit=n_batches,
            x_iters=points,
            func_vals=values,
        )
