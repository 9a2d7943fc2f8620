"""A study's trials as what is known of a run."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from bayesopt.integrations.optuna.conditions import learn
from bayesopt.integrations.optuna.distributions import current, levels, make_parameter
from bayesopt.integrations.optuna.outcomes import PrunedValue, measured, objectives_of, values_of
from bayesopt.integrations.optuna.pruned import learned
from bayesopt.integrations.optuna.publishing import Board
from bayesopt.space import Parameter, Space
from bayesopt.strategy import RunData

Floats = NDArray[np.float64]

_NEAR = 0.01  # in coordinates; nearer proposals made in ignorance of each other count as one
_READ = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.FAIL)


def read_trials(study: Study, own: int) -> list[FrozenTrial]:
    """All trials but the waiting ones and trial ``own``, by number.

    Asked of the storage: a bracket of the HyperbandPruner shows its own trials only, but a
    complete trial is as good in one bracket as in another, and a running one as pending.
    """
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False, states=_READ)
    return sorted((t for t in trials if t.number != own), key=lambda t: t.number)


def search_space(trials: Sequence[FrozenTrial]) -> dict[str, BaseDistribution]:
    """All parameters seen, with the distributions to propose from; those of a single value left
    out."""
    seen: dict[str, list[BaseDistribution]] = {}
    for trial in trials:
        if trial.state is not TrialState.FAIL:
            for name, distribution in trial.distributions.items():
                seen.setdefault(name, []).append(distribution)
    found = {name: current(history) for name, history in seen.items()}
    return {
        name: distribution
        for name, distribution in sorted(found.items())
        if not distribution.single() and make_parameter(distribution) is not None
    }


@dataclass(frozen=True, eq=False)
class StudySnapshot:
    """A study as one trial that asks sees it.

    Attributes
    ----------
    data : what is known of the run.
    state : what the next proposal starts from.
    number : of the trial that asks.
    seen : trial -> the point that is in it.
    unsettled : trials that may still change their point.
    columns : fingerprint of the columns that ``state`` is for.
    """

    data: RunData
    state: Mapping[str, Any]
    number: int
    seen: Mapping[int, Mapping[str, float]]
    unsettled: frozenset[int]
    columns: str


@dataclass(frozen=True)
class Reader:
    """How trials are taken.

    Attributes
    ----------
    deterministic : the objective gives the same value each time.
    consider_failed_trials : failed trials say where not to go.
    pruned_value : what a pruned trial counts as; None: what its intermediate values let expect.
    """

    deterministic: bool
    consider_failed_trials: bool
    pruned_value: PrunedValue | None

    def read(
        self,
        study: Study,
        trials: Sequence[FrozenTrial],
        distributions: Mapping[str, BaseDistribution],
        own: int,
    ) -> StudySnapshot:
        """What is known for proposing values of the given parameters to trial ``own``."""
        board = Board(study)
        numbers = [numbers_of(trial, board) for trial in trials]
        table = _table(numbers, list(distributions))
        whole = np.array([t.state is TrialState.COMPLETE for t in trials], dtype=bool)
        space = _space(distributions, table, whole)
        place = {name: j for j, name in enumerate(distributions)}
        coords = space.to_coords(table[:, [place[name] for name in space.columns]])
        objectives = objectives_of(study)
        m = len(objectives)
        values = [values_of(trial, m, self.pruned_value) for trial in trials]
        roles = self._roles(trials, values, _has_all(space, coords), board)
        complete = roles["complete"]
        moved = space.to_coords(
            _table(_moved(trials, numbers, distributions, board), space.columns)
        )
        data = RunData.of(
            space,
            coords[complete],
            measured(
                [trials[i] for i in complete],
                np.array([values[i] for i in complete], dtype=float).reshape(len(complete), m),
                objectives,
            ),
            failed=coords[roles["failed"]],
            pending=coords[roles["pending"]],
            avoided=np.concatenate([coords[roles["pruned"]], moved]),
            deterministic=self.deterministic,
        )
        if self.pruned_value is None and m == 1:
            data = learned(data, trials, complete, roles["pruned"], objectives[0].sign)
        columns = _fingerprint(data)
        state = _last_state(trials, columns, board)
        seen = {trials[i].number: numbers[i] for role in roles.values() for i in role}
        running = frozenset(t.number for t in trials if t.state is TrialState.RUNNING)
        return StudySnapshot(data, state, own, seen, running, columns)

    def _roles(
        self,
        trials: Sequence[FrozenTrial],
        values: Sequence[tuple[float, ...] | None],
        whole: NDArray[np.bool_],
        board: Board,
    ) -> dict[str, list[int]]:
        """Indices of the trials by what they say; those of unknown points say nothing."""
        roles: dict[str, list[int]] = {"complete": [], "failed": [], "pending": [], "pruned": []}
        for i, trial in enumerate(trials):
            if values[i] is not None:
                roles["complete"].append(i)
            elif not whole[i]:
                continue
            elif trial.state is TrialState.RUNNING:
                roles["pending"].append(i)
            elif trial.state is TrialState.PRUNED:
                roles["pruned"].append(i)
            elif self.consider_failed_trials and board.marked_failed(trial):
                roles["failed"].append(i)
        return roles


def numbers_of(trial: FrozenTrial, board: Board) -> dict[str, float]:
    """The numbers of a trial's parameters; of an unfinished or failed one also those proposed."""
    numbers: dict[str, float] = {}
    if trial.state in (TrialState.RUNNING, TrialState.FAIL):
        published = board.published(trial.number)
        if published is not None:
            numbers.update(published.numbers)
    for name, value in trial.params.items():
        numbers[name] = float(trial.distributions[name].to_internal_repr(value))
    return numbers


def clashes(
    snapshot: StudySnapshot, trials: Sequence[FrozenTrial], board: Board, coords: Floats
) -> bool:
    """Whether (nearly) the point ``coords`` (p,) is that of a trial not known to have it."""
    space = snapshot.data.space
    rivals = [
        t
        for t in trials
        if t.state is not TrialState.FAIL
        and (t.number not in snapshot.seen or t.number in snapshot.unsettled)
    ]
    points = [
        p for t in rivals if (p := numbers_of(t, board)) and p != snapshot.seen.get(t.number)
    ]
    if not points:
        return False
    others = space.to_coords(_table(points, space.columns))
    distance = np.abs(others - coords)
    near = np.where(space.is_categorical, distance == 0.0, distance <= _NEAR)
    return bool((near | (np.isnan(others) & np.isnan(coords))).all(axis=1).any())


def _moved(
    trials: Sequence[FrozenTrial],
    numbers: Sequence[Mapping[str, float]],
    distributions: Mapping[str, BaseDistribution],
    board: Board,
) -> list[Mapping[str, float]]:
    """Proposals that a narrower range turned into other points: made again they would become the
    same ones again.

    Looked for only while ranges change from trial to trial.
    """
    steady = all(
        d == distributions[name]
        for trial in trials[-3:]
        for name, d in trial.distributions.items()
        if name in distributions
    )
    if steady:
        return []
    published = [board.published(trial.number) for trial in trials]
    return [
        p.numbers
        for p, actual in zip(published, numbers, strict=True)
        if p is not None and any(actual.get(name, v) != v for name, v in p.numbers.items())
    ]


def _table(numbers: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    nan = float("nan")
    rows = [[point.get(name, nan) for name in names] for point in numbers]
    return np.array(rows, dtype=float).reshape(len(numbers), len(names))


def _space(
    distributions: Mapping[str, BaseDistribution], table: Floats, whole: NDArray[np.bool_]
) -> Space:
    names = list(distributions)
    discrete = {n: found for n, d in distributions.items() if (found := levels(d)) is not None}
    learned = learn(table, whole, names, discrete)
    kept = {n: d for n, d in distributions.items() if n not in learned.retired} or distributions
    when = {
        child: {
            parent: _values(kept[parent], values)
            for parent, values in parents.items()
            if parent in kept
        }
        for child, parents in learned.when.items()
    }
    try:
        return Space(_parameters(kept, when))
    except ValueError:  # what was learned of one child excludes what was learned of its parent
        return Space(_parameters(kept, {}))


def _parameters(
    distributions: Mapping[str, BaseDistribution],
    when: Mapping[str, Mapping[str, Sequence[float]]],
) -> dict[str, Parameter]:
    made = {name: make_parameter(d, when.get(name)) for name, d in distributions.items()}
    return {name: parameter for name, parameter in made.items() if parameter is not None}


def _values(parent: BaseDistribution, numbers: Sequence[float]) -> list[float]:
    """Values of a parent's parameter for its numbers: a category is called by its index."""
    return [int(v) for v in numbers] if isinstance(parent, CategoricalDistribution) else [*numbers]


def _has_all(space: Space, coords: Floats) -> NDArray[np.bool_]:
    """(n,) whether points have a value for every parameter that is active there."""
    return np.asarray(~(space.active(coords) & np.isnan(coords)).any(axis=1))


def _fingerprint(data: RunData) -> str:
    columns = data.columns
    kinds = [data.space.columns, columns.categorical.tolist(), columns.conditional.tolist()]
    return f"{zlib.crc32(json.dumps(kinds).encode()):08x}"


def _last_state(trials: Sequence[FrozenTrial], columns: str, board: Board) -> Mapping[str, Any]:
    """The state that the latest trial left for the next fit of the same columns."""
    for trial in reversed(trials):
        published = board.published(trial.number)
        if published is not None and published.state and published.columns == columns:
            return published.state
    return {}
