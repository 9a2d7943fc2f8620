"""What callbacks are told of a running search: scikit-optimize's kind, and scikit-learn's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.integrations.sklearn.goals import Goals
from bayesopt.integrations.sklearn.spaces import Search
from bayesopt.integrations.sklearn.stored import done, finished
from bayesopt.minimize import ProgressBar
from bayesopt.optimizer import Optimizer
from bayesopt.result import Result
from bayesopt.trial import Trial


@dataclass
class Batch:
    """Candidates that are evaluated at once.

    Attributes
    ----------
    context : what scikit-learn's evaluation is to be given, empty before its version 1.9.
    stop : whether a callback of scikit-learn's wants the search to end.
    """

    context: Mapping[str, Any]
    stop: bool = False


class Progress:
    """The tasks of a search as scikit-learn's callbacks see them: search, batch, evaluation.

    Parameters
    ----------
    estimator : the search.
    root : its callback context, or None before scikit-learn 1.9.
    n_batches : at most.
    goals : of the search.
    """

    def __init__(self, estimator: Any, root: Any, n_batches: int, goals: Goals) -> None:
        self._estimator = estimator
        self._goals = goals
        self._search = None
        if root is not None:
            context = root.subcontext(task_name="search", max_subtasks=n_batches)
            self._search = context.call_on_fit_task_begin(estimator=estimator)
        self._line: ProgressBar | None = None

    def begin(self, search: Search, optimizer: Optimizer) -> None:
        """A search begins, or goes on: its line is shown if the user wants one."""
        self.close()
        if self._estimator.verbose:
            self._line = ProgressBar(True, search.budget, unit="candidate")
            self._line.start(len(finished(optimizer)))

    def show(self, optimizer: Optimizer, trials: Iterable[Trial]) -> None:
        """Show what became of a batch."""
        if self._line is not None:
            for trial in trials:
                self._line.show(optimizer, optimizer.trials[trial.number])

    def close(self) -> None:
        """Leave the line as it stands."""
        if self._line is not None:
            self._line.close()
            self._line = None

    @contextmanager
    def batch(self, n_candidates: int) -> Iterator[Batch]:
        """The evaluation of one batch."""
        if self._search is None:
            yield Batch({})
            return
        n_fits = n_candidates * self._estimator.n_splits_  # one, where splits are run one by one
        context = self._search.subcontext(
            task_name="batch", max_subtasks=n_fits, sequential_subtasks=False
        )
        batch = Batch({"callback_ctx": context.call_on_fit_task_begin(estimator=self._estimator)})
        yield batch
        batch.stop = bool(context.call_on_fit_task_end(estimator=self._estimator))

    def end(self) -> None:
        """The search is over."""
        if self._search is not None:
            self._search.call_on_fit_task_end(estimator=self._estimator)

    def wants_stop(
        self, search: Search, optimizer: Optimizer, callbacks: Iterable[Callable[[Any], object]]
    ) -> bool:
        """Show all callbacks the search so far; whether one of them wants it to end."""
        stop = False
        for callback in callbacks:
            try:
                stop |= bool(callback(state(search, optimizer.trials, search.names, self._goals)))
            except StopIteration:
                stop = True
        return stop


def results_of(searches: Iterable[Search], results: Iterable[Result], goals: Goals) -> list[Any]:
    """The state of each dict at the end, in the order in which the user gave them."""
    found = {}
    for search, result in zip(searches, results, strict=True):
        for part, (place, names) in enumerate(search.parts):
            trials = [trial for trial in result.trials if search.part(trial.params) == part]
            found[place] = state(search, trials, names, goals)
    return [found[place] for place in sorted(found)]


def state(search: Search, trials: Iterable[Trial], names: tuple[str, ...], goals: Goals) -> Any:
    """A search so far, as scikit-optimize shows it: an ``OptimizeResult`` that is minimised.

    Points are lists of values in the order of ``names``, None for an inactive parameter there. Of
    several objectives ``func_vals`` has a column each, and there is no ``x``.
    """
    from scipy.optimize import OptimizeResult

    evaluated = done(trials)
    params = [search.params(t.params) for t in evaluated]
    points = [[p.get(name) for name in names] for p in params]
    values = np.array([goals.minimised(t.values) for t in evaluated])
    one = not goals.several and np.isfinite(values).any()
    best = int(np.argmin(values)) if one else None
    return OptimizeResult(
        x=None if best is None else points[best],
        fun=np.inf if best is None else float(values[best]),
        x_iters=points,
        func_vals=values,
        names=list(names),
        space=search.space,
        models=[],
        specs={},
    )
