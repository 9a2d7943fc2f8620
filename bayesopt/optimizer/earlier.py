"""Points to begin with from earlier runs: the default, then a few of their best that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import several, shown, whole
from bayesopt.optimizer.event_log import EventLog
from bayesopt.optimizer.queries import RunQueries
from bayesopt.optimizer.run_header import as_space, stored_problem
from bayesopt.options import Earlier
from bayesopt.result import Result
from bayesopt.space import Parameter, Space
from bayesopt.trial import Trial

Floats = NDArray[np.float64]

FIRST = 4  # of the earlier runs' best points
_APART = 0.1  # of a range, in the parameter that differs most; another choice is apart as well
_MOST = 1_000


def earlier_points(
    space: Space | Mapping[str, Parameter], runs: Iterable[Earlier] | Earlier, n: int = FIRST
) -> list[dict[str, Any]]:
    """Points for ``start=`` from earlier runs of the same problem, or of one like it.

    The default comes first: with most programs it is hard to beat. Then come up to ``n`` of the
    earlier runs' best points, in turn from each run, that are at least a tenth of a range apart
    (trying the best of earlier tasks first is as good as a joint model in published comparisons).

    Parameters
    ----------
    space : that of the new run. A parameter that an earlier run did not have gets its default;
        points that are none of the space are passed over. Context is left out.
    runs : results, optimizers, or paths of run files; one or several.
    n : how many points besides the default, 0 to 1,000.

    Raises
    ------
    TypeError, ValueError : for what is no run, and for runs with several objectives.

    Examples
    --------
    >>> import bayesopt as bo
    >>> space = {"x": bo.Float(0, 1), "y": bo.Float(0, 1, default=0.25)}
    >>> old = bo.minimize(lambda p: (p["x"] - 0.7) ** 2, {"x": bo.Float(0, 1)}, n_trials=9, seed=1)
    >>> points = bo.earlier_points(space, old)
    >>> points[0]
    {'x': 0.5, 'y': 0.25}
    >>> abs(points[1]["x"] - 0.7) < 0.1
    True
    """
    space, n = as_space(space), whole("n, the number of earlier points,", n, 0, _MOST)
    return first_points(space, [run.best_first for run in read_runs(runs)], n)


def first_points(
    space: Space, runs: Iterable[Iterable[Trial]], n: int = FIRST
) -> list[dict[str, Any]]:
    """The default, then up to ``n`` points of runs, each given by its trials, the best first."""
    queues = [(row for _, row in filled(space, trials)) for trials in runs]
    chosen = [space.encode(_default(space) | space.targets)]
    waiting = [iter(queue) for queue in queues]
    while waiting and len(chosen) <= n:
        for queue in list(waiting):
            row = next((r for r in queue if _is_apart(space, r, chosen)), None)
            if row is None:
                waiting.remove(queue)
            elif len(chosen) <= n:
                chosen.append(row)
    points = [space.decode(row) for row in chosen if space.contains(space.decode(row))]
    return [{k: v for k, v in point.items() if k not in space.context} for point in points]


@dataclass(frozen=True)
class ReadRun:
    """An earlier run.

    Attributes
    ----------
    name : its file's, or "run" and its place among the earlier ones.
    trials : all of its trials.
    sign : 1 where less is better, else -1.
    """

    name: str
    trials: Sequence[Trial]
    sign: float

    @property
    def best_first(self) -> list[Trial]:
        """The feasible trials, the best first."""
        feasible = [(t, t.value) for t in self.trials if t.feasible]
        return [t for t, v in sorted(feasible, key=lambda pair: self.sign * (pair[1] or 0.0))]


def read_runs(runs: Iterable[Earlier] | Earlier) -> list[ReadRun]:
    """Runs, of whatever form, under names of which no two are the same.

    Raises
    ------
    TypeError, ValueError : for what is no run, and for one with several objectives.
    """
    if isinstance(runs, Result | RunQueries | str | Path):
        runs = [runs]
    what = "results, optimizers or paths of run files, one or a list of them"
    read: list[ReadRun] = []
    for i, run in enumerate(several("earlier runs", runs, what), 1):
        one = _read(run, i)
        if any(other.name == one.name for other in read):
            one = replace(one, name=f"{one.name} ({i})")
        read.append(one)
    return read


def _read(run: object, number: int) -> ReadRun:
    if isinstance(run, str | Path):
        return _stored(Path(run))
    if not isinstance(run, Result | RunQueries):
        raise TypeError(
            f"an earlier run must be a Result, an Optimizer or the path of a run file; got "
            f"{shown(run)}"
        )
    sign = -1.0 if run.direction == "maximize" else 1.0
    return ReadRun(f"run {number}", list(run.trials), sign)


def filled(
    space: Space, trials: Iterable[Trial], targets: Mapping[str, Any] | None = None
) -> Iterator[tuple[Trial, Floats]]:
    """Trials with their rows (p,) in a space, at its targets (or others), what they lack at its
    default; those that are no points of the space are left out.
    """
    targets = space.targets if targets is None else targets
    default = _default(space)
    for trial in trials:
        known = {k: v for k, v in trial.params.items() if k in space.parameters}
        rest = {k: v for k, v in default.items() if k not in known}
        for params in ({**rest, **known, **targets}, {**known, **targets}):
            if known and space.contains(params):
                yield trial, space.encode(params)
                break


def _default(space: Space) -> dict[str, Any]:
    return space.decode(space.to_rows(space.default_coords()[None])[0])


def _is_apart(space: Space, row: Floats, others: list[Floats]) -> bool:
    coords, known = space.to_coords(row[None]), space.to_coords(np.array(others))
    step = np.where(np.isnan(known) != np.isnan(coords), 1.0, np.abs(known - coords))
    return bool((np.nan_to_num(step).max(axis=1) >= _APART).all())


def _stored(path: Path) -> ReadRun:
    """The run in a file, read without the parts of its algorithm."""
    from bayesopt.storage import SQLiteStorage

    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: it holds no earlier run")
    with SQLiteStorage(path, read_only=True) as storage:
        space, objectives, _ = stored_problem(storage, str(path))
        if "direction" not in objectives:
            raise ValueError(
                f"the run in {path} has several objectives; an earlier run must have one"
            )
        log = EventLog(storage, space, lease=None, retries=0)
        log.sync()
        sign = -1.0 if objectives["direction"] == "maximize" else 1.0
        return ReadRun(path.name, list(log.history.trials), sign)
