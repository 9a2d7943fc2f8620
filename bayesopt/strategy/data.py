"""What is known of a run, as arrays: all that a proposal depends on besides the configuration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from bayesopt.output import Objective, OutcomeConstraint, Output
from bayesopt.problem import Problem
from bayesopt.space import Space
from bayesopt.strategy.spread import active_together
from bayesopt.surrogate import Columns, Observations

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
_MANY_TASKS = 3

# by which columns may be inactive: with them is kept what a surrogate has made of them
_COLUMNS: WeakKeyDictionary[Space, dict[bytes, Columns]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Measured:
    """One output's values at the n evaluated points.

    Attributes
    ----------
    output : which output.
    values : (n,) in the user's units; NaN where it was not reported.
    sds : (n,) measured standard deviations, NaN where unknown; None when all are.
    gradients : (n, p) derivatives of the values in the coordinates, NaN where unknown; None when
        all are.
    predicted : (n,) whether a value is none that was seen, but where an evaluation that ended
        early would have ended; its sd is that of the prediction. None when none is.
    """

    output: Output
    values: Floats
    sds: Floats | None = None
    gradients: Floats | None = None
    predicted: Mask | None = None

    @cached_property
    def reported(self) -> Mask:
        """(n,) whether there is a value."""
        return ~np.isnan(self.values)

    @cached_property
    def oriented(self) -> Floats:
        """(n,) the values turned so that less is better; of a constraint, met where <= 0."""
        return self.output.oriented(self.values)

    @cached_property
    def noise_sd(self) -> Floats:
        """(n,) the measured standard deviations, NaN where unknown."""
        return np.full(len(self.values), np.nan) if self.sds is None else self.sds

    def observations(
        self, coords: Floats, *, deterministic: bool, spread: Floats | None = None
    ) -> Observations:
        """What a surrogate is fitted to, from the coordinates (n, p) of the evaluated points.

        By points ``spread`` (m, p) over the space it knows for how much each of them stands.
        """
        sds = self.noise_sd
        has = self.reported
        about = deterministic, isinstance(self.output, OutcomeConstraint)
        gradients = None if self.gradients is None else self.output.sign * self.gradients
        all_of_them = Observations(
            coords, self.oriented, sds, *about, gradients, spread, self.predicted
        )
        return all_of_them if has.all() else all_of_them.part(has)

    def part(self, kept: Mask) -> Measured:
        """The values at some of the points (n,)."""
        return replace(
            self,
            values=self.values[kept],
            sds=None if self.sds is None else self.sds[kept],
            gradients=None if self.gradients is None else self.gradients[kept],
            predicted=None if self.predicted is None else self.predicted[kept],
        )

    def same(self, other: Measured, n: int) -> bool:
        """Whether the first n values are those of another."""
        return (
            self.output == other.output
            and np.array_equal(self.values[:n], other.values[:n], equal_nan=True)
            and np.array_equal(self.noise_sd[:n], other.noise_sd[:n], equal_nan=True)
            and _same_gradients(self.gradients, other.gradients, n)
        )


@dataclass(frozen=True, eq=False)
class RunData:
    """What is known of a run at one moment. Nothing in it is ever changed.

    Attributes
    ----------
    problem : the space and the outputs.
    coords : (m, p) coordinates of all points that are not to be proposed again, in the order they
        were asked for. Those that are none of ``evaluated``, ``failed`` and ``pending`` are only
        avoided.
    evaluated : (n,) rows of ``coords`` in the order they were told: new ones come last.
    failed : (f,) rows of the points whose evaluation failed.
    pending : (q,) rows of the points being evaluated.
    measured : the outputs' values at the evaluated points, one entry for each output.
    outside : (n,) whether an evaluated point is none of the space and informs the model only;
        None when all are of the space.
    costs : (n,) what each evaluation cost, NaN where unknown; None where nobody asks.
    spent : what all trials cost so far.
    not_run : (k, p) points that were asked for, where another one was run in their place: the
        initial design goes on to the next. None: there are none.
    """

    problem: Problem
    coords: Floats
    evaluated: Integers
    failed: Integers
    pending: Integers
    measured: tuple[Measured, ...]
    outside: Mask | None = None
    costs: Floats | None = None
    spent: float = 0.0
    not_run: Floats | None = None

    @classmethod
    def of(
        cls,
        space: Space,
        evaluated: Floats,
        measured: Sequence[Measured],
        *,
        failed: Floats | None = None,
        pending: Floats | None = None,
        avoided: Floats | None = None,
        outside: Mask | None = None,
        deterministic: bool = False,
    ) -> RunData:
        """Put a run together from its points by kind.

        Parameters
        ----------
        space : the search space.
        evaluated : (n, p) coordinates (``space.to_coords(rows)``), in the order of evaluation.
        measured : each output's values there: one objective, finite everywhere, and any number of
            outcome constraints.
        failed, pending, avoided : coordinates of points whose evaluation failed, is under way, or
            that are not to be proposed for other reasons.
        outside : (n,) whether an evaluated point is none of the space.
        deterministic : evaluating a point twice gives the same values.

        Raises
        ------
        ValueError : for arrays of other shapes, values that are not finite, outputs of one name.
        """
        given = {"evaluated": evaluated, "failed": failed, "pending": pending, "avoided": avoided}
        groups = [_points(name, group, space.n_columns) for name, group in given.items()]
        for one in measured:
            _check(one, len(groups[0]))
        ends = np.cumsum([0, *(len(group) for group in groups)])
        done, failures, running, _ = (np.arange(a, b) for a, b in pairwise(ends))
        problem = Problem(space, tuple(m.output for m in measured), bool(deterministic))
        return cls(
            problem,
            np.concatenate(groups),
            done,
            failures,
            running,
            tuple(measured),
            outside,
        )

    @property
    def space(self) -> Space:
        """The search space."""
        return self.problem.space

    @cached_property
    def columns(self) -> Columns:
        """Kinds of the columns; one that lacks a value at any point may be inactive."""
        space = self.space
        used = np.concatenate([self.evaluated, self.failed, self.pending])
        lacking = np.isnan(self.coords[used]).any(axis=0)
        conditional = space.is_conditional | lacking
        known = _COLUMNS.setdefault(space, {})
        key = conditional.tobytes()
        if key not in known:
            columns = Columns(
                space.is_categorical,
                conditional,
                space.columns,
                own_weights=_tasks(space),
                together=active_together(space),
            )
            known[key] = columns if space.task is None else _noisy_each(columns, space, space.task)
        return known[key]

    @cached_property
    def evaluated_coords(self) -> Floats:
        """(n, p) coordinates of the evaluated points."""
        return self.coords[self.evaluated]

    @cached_property
    def failed_coords(self) -> Floats:
        """(f, p) coordinates of the failed points."""
        return self.coords[self.failed]

    @cached_property
    def pending_coords(self) -> Floats:
        """(q, p) coordinates of the points being evaluated."""
        return self.coords[self.pending]

    @property
    def n_results(self) -> int:
        """Number of points evaluated or failed."""
        return len(self.evaluated) + len(self.failed)

    @property
    def objective(self) -> Measured:
        """The objective's values.

        Raises
        ------
        ValueError : when there is not one objective.
        """
        return self.measured_of(self.problem.objective)

    def measured_of(self, output: Output) -> Measured:
        """The values of one of the outputs."""
        return next(m for m in self.measured if m.output == output)

    @cached_property
    def feasible(self) -> Mask:
        """(n,) whether every outcome constraint that was reported is met; for one that was not,
        the mean of what other evaluations of the same point reported counts.
        """
        met = np.ones(len(self.evaluated), dtype=bool)
        for measured in self.constraints:
            met &= self.met(measured)
        return met

    @property
    def constraints(self) -> tuple[Measured, ...]:
        """The outcome constraints' values."""
        return tuple(m for m in self.measured if m.output in self.problem.constraints)

    def met(self, constraint: Measured) -> Mask:
        """(n,) whether one outcome constraint was observed to be met; see ``feasible``."""
        return ~(self._known_there(constraint.oriented) > 0.0)

    @cached_property
    def _place(self) -> Integers:
        """(n,) the same number for evaluations of the same point."""
        points = np.nan_to_num(self.evaluated_coords, nan=-1.0)
        _, place = np.unique(points, axis=0, return_inverse=True)
        return np.asarray(place.reshape(-1))  # NumPy 2.0 alone gives it the shape (n, 1)

    def _known_there(self, values: Floats) -> Floats:
        """(n,) values, those that are NaN taken from other evaluations of the same point."""
        has = ~np.isnan(values)
        if has.all() or not has.any():
            return values
        place, filled = self._place, values.copy()
        for both in np.intersect1d(place[has], place[~has]):
            there = place == both
            known = values[there & has]
            filled[there & ~has] = math.fsum(known) / len(known)
        return filled

    def repeats_differ(self, measured: Measured) -> bool:
        """Whether two evaluations of one point gave different values of an output: it is noisy."""
        has = measured.reported
        values, place = measured.values[has], self._place[has]
        order = np.lexsort((values, place))
        same = np.diff(place[order]) == 0
        ordered = values[order]
        return bool((same & (ordered[1:] != ordered[:-1])).any())

    @cached_property
    def known_to_be_noisy(self) -> bool:
        """Whether it is certain that evaluating a point twice gives different values: standard
        deviations were told, or two evaluations of one point differ.
        """
        if self.problem.deterministic:
            return False
        used = (*self.problem.objectives, *self.problem.constraints)
        return any(
            (m.sds is not None and bool((m.sds > 0.0).any())) or self.repeats_differ(m)
            for m in self.measured
            if m.output in used
        )

    @cached_property
    def eligible(self) -> Mask:
        """(n,) whether the point may be the best: feasible, and a point of the space."""
        return self.feasible if self.outside is None else self.feasible & ~self.outside

    def with_pending(self, coords: Floats) -> RunData:
        """The same with further points (k, p) being evaluated."""
        new = len(self.coords) + np.arange(len(coords))
        return replace(
            self,
            coords=np.concatenate([self.coords, coords]),
            pending=np.concatenate([self.pending, new]),
        )

    def part(self, kept: Mask) -> RunData:
        """The same with some of the results (n,) only; the other points are still not proposed."""
        return replace(
            self,
            evaluated=self.evaluated[kept],
            measured=tuple(m.part(kept) for m in self.measured),
            outside=None if self.outside is None else self.outside[kept],
            costs=None if self.costs is None else self.costs[kept],
        )

    def extends(self, earlier: RunData) -> bool:
        """Whether the results are those of another run's data, and perhaps newer ones."""
        n, f = len(earlier.evaluated), len(earlier.failed)
        if n > len(self.evaluated) or f > len(self.failed) or self.space is not earlier.space:
            return False
        mine = {(type(m.output), m.output.name): m for m in self.measured}
        return np.array_equal(self.evaluated_coords[:n], earlier.evaluated_coords, True) and all(
            (key := (type(m.output), m.output.name)) in mine and mine[key].same(m, n)
            for m in earlier.measured
        )

    def same_results(self, other: RunData) -> bool:
        """Whether a model of the results would be the same."""
        return (
            len(self.evaluated) == len(other.evaluated)
            and len(self.measured) == len(other.measured)
            and self.problem.deterministic == other.problem.deterministic
            and self.extends(other)
            and np.array_equal(self.failed_coords, other.failed_coords, equal_nan=True)
            and np.array_equal(self.eligible, other.eligible)
            and np.array_equal(self.columns.conditional, other.columns.conditional)
        )


def _tasks(space: Space) -> dict[int, int]:
    """The column of the tasks and their number, where there are three or more: each pair has a
    correlation of its own then.
    """
    if space.task is None:
        return {}
    column = space.columns.index(space.task)
    n = int(space.n_levels[column])
    return {column: n} if n >= _MANY_TASKS else {}


def _noisy_each(columns: Columns, space: Space, task: str) -> Columns:
    """Each task's results have a noise of their own; the target's is the run's."""
    j = space.columns.index(task)
    target = int(space.parameters[task].encode(space.targets[task], task))
    return replace(columns, noise_by=j, noise_label=target, n_noises=int(space.n_levels[j]))


def _same_gradients(mine: Floats | None, others: Floats | None, n: int) -> bool:
    if mine is None or others is None:
        known = mine if mine is not None else others
        return known is None or bool(np.isnan(known[:n]).all())
    return np.array_equal(mine[:n], others[:n], equal_nan=True)


def _points(name: str, points: Floats | None, p: int) -> Floats:
    if points is None:
        return np.empty((0, p))
    given = np.asarray(points, dtype=float)
    if given.ndim != 2 or given.shape[1] != p:
        raise ValueError(f"{name} must have shape (n, {p}), coordinates; got {given.shape}")
    return given


def _check(measured: Measured, n: int) -> None:
    name = measured.output.name
    for what, array in (("values", measured.values), ("sds", measured.sds)):
        if array is not None and np.shape(array) != (n,):
            raise ValueError(
                f"{name}: {what} must be one number for each of the {n} evaluated points; "
                f"got shape {np.shape(array)}"
            )
    if isinstance(measured.output, Objective) and not np.isfinite(measured.values).all():
        raise ValueError(
            f"{name}: an objective needs a finite value at each evaluated point; "
            "give points without one as failed="
        )
    if np.isinf(measured.values).any():
        raise ValueError(f"{name}: values must be finite, or NaN where not reported")
