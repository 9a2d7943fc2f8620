"""``BayesianOptimization``: maximise a function of named parameters."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bayesopt.acquisition import Acquisition
from bayesopt.calls import explained
from bayesopt.checks import shown, whole
from bayesopt.design import LARGEST, InitialDesign
from bayesopt.integrations.bayes_opt import state
from bayesopt.integrations.bayes_opt.acquisition import DecayingBound, read_acquisition
from bayesopt.integrations.bayes_opt.convert import ConstraintBounds, read_bounds
from bayesopt.integrations.bayes_opt.observed import Observed
from bayesopt.integrations.bayes_opt.printing import Table
from bayesopt.integrations.bayes_opt.target_space import ConstraintModel, TargetSpace
from bayesopt.optimizer import Optimizer
from bayesopt.proposal import SpaceExhausted
from bayesopt.returned import read_value
from bayesopt.storage import Storage, StorageError
from bayesopt.trial import Origin, Trial, TrialState

Params = Mapping[str, Any] | Iterable[Any]


class NotUniqueError(ValueError):
    """The point is registered already."""


class BayesianOptimization:
    """Maximise ``f(**parameters)``.

    Parameters
    ----------
    f : the function, or None when values are only registered. A value that is not finite marks
        the point as failed.
    pbounds : name -> ``(low, high)``, ``(low, high, int)``, a sequence of categories, or any
        parameter of ``bayesopt``, such as ``Float(1e-5, 1, log=True)``.
    acquisition_function : None for the log of the expected improvement; one of ``bayesopt``, one
        of :data:`acquisition`, or bayes_opt's own, whose ``kappa`` and its decay count; ``xi`` has
        no effect, and a warning says so.
    constraint : ``scipy.optimize.NonlinearConstraint`` whose ``fun(**parameters)`` is evaluated
        with the target and learned like it.
    random_state : int or ``numpy.random.RandomState``; the same int makes the same run.
    verbose : 2 prints every evaluation, 1 every new maximum, 0 nothing.
    bounds_transformer : not available; None.
    allow_duplicate_points : register a point again. Suggestions never repeat one.

    Examples
    --------
    >>> target = lambda x: -((x - 2) ** 2)
    >>> run = BayesianOptimization(target, {"x": (-4, 4)}, verbose=0, random_state=0)
    >>> run.maximize(init_points=3, n_iter=8)
    >>> bool(run.max["target"] > -0.01)
    True
    """

    @explained
    def __init__(
        self,
        f: Callable[..., Any] | None,
        pbounds: Mapping[str, Any],
        acquisition_function: Any = None,
        constraint: Any = None,
        random_state: Any = None,
        verbose: int = 2,
        bounds_transformer: None = None,
        allow_duplicate_points: bool = False,
    ) -> None:
        if f is not None and not callable(f):
            raise TypeError(f"f must be a function of the parameters, or None; got {shown(f)}")
        if bounds_transformer is not None:
            raise ValueError("bounds_transformer is not available; leave it out")
        self._f = f
        self._pbounds = dict(pbounds)
        self._acquisition = read_acquisition(acquisition_function)
        self._limits = None if constraint is None else ConstraintBounds.of(constraint)
        self._seed = state.read_seed(random_state)
        self._rng = np.random.default_rng(self._seed)
        self._allow_duplicates = bool(allow_duplicate_points)
        self._observed = Observed(read_bounds(pbounds), self._limits)
        self._queue: list[Params] = []
        self._n_suggested = 0  # by the model
        self._table = Table(int(verbose), self._limits is not None)
        self._start(InitialDesign())

    # ---------------------------------------------------------------- the run

    @explained
    def maximize(self, init_points: int = 5, n_iter: int = 25) -> None:
        """Evaluate queued points, then ``init_points`` of an initial design, then ``n_iter`` more.

        An exception of ``f`` is let through; calling again goes on.
        """
        for name, value in (("init_points", init_points), ("n_iter", n_iter)):
            whole(name, value, 0)
        known = len(self._observed.points) + len(self._observed.failed) + len(self._suggested)
        known += len(self._queue)
        self._start(InitialDesign(n=min(max(known + init_points, 1), LARGEST)))
        self._table.start(self.space.keys)
        while self._queue:
            self._evaluate(self._queue.pop(0))
        for _ in range(init_points + n_iter):
            try:
                self._evaluate(self.suggest())
            except SpaceExhausted as error:
                warnings.warn(f"the run ends here: {error}", UserWarning, stacklevel=2)
                break
        self._table.end()

    def suggest(self) -> dict[str, Any]:
        """The next point to evaluate; it is pending until it is registered.

        Raises
        ------
        SpaceExhausted : when every point of the space is taken.
        """
        if isinstance(self._acquisition, DecayingBound):
            now = replace(self._optimizer.config, acquisition=self.acquisition_function)
            self._optimizer.config = now
        trial = self._optimizer.ask()
        self._n_suggested += trial.origin not in (Origin.INITIAL, Origin.ENQUEUED)
        self._suggested.append(trial)
        return dict(trial.params)

    def register(self, params: Params, target: float, constraint_value: Any = None) -> None:
        """Take in an evaluation, of a suggestion or of any other point.

        Parameters
        ----------
        params : mapping, or values in the order of ``pbounds``; whole numbers are rounded. A point
            out of bounds is warned about; it informs the model only.
        target : its value.
        constraint_value : what the constraint's function gave there; needed with a constraint.

        Raises
        ------
        NotUniqueError : for a point registered before, unless ``allow_duplicate_points``.
        """
        point = self._observed.read(params)
        if not self._allow_duplicates and self._observed.find(point) is not None:
            raise NotUniqueError(
                f"{shown(point)} is registered already; allow_duplicate_points=True would allow it"
            )
        registered = self._observed.make(point, target, constraint_value)
        if not self._observed.inside(point):
            warnings.warn(f"{shown(point)} is outside the bounds", UserWarning, stacklevel=2)
        result = self._observed.result(registered)
        suggestion = next(
            (t for t in self._suggested if self._observed.same(t.params, point)), None
        )
        if suggestion is None:
            self._optimizer.add_observation(point, result, outside=True)
        else:
            self._optimizer.tell(suggestion, result)
            self._suggested.remove(suggestion)
        self._observed.add(registered)
        self._table.show(self._observed.shown(registered), self.max)

    def probe(self, params: Params, lazy: bool = True) -> None:
        """Evaluate a point of one's own choice, with the next :meth:`maximize` or at once."""
        point = self._observed.read(params)
        if lazy:
            self._queue.append(point)
        else:
            self._evaluate(point)

    # ----------------------------------------------------------------- answers

    @property
    def max(self) -> dict[str, Any] | None:
        """The best evaluation within the bounds and the constraint, or None."""
        return self._observed.best()

    @property
    def res(self) -> list[dict[str, Any]]:
        """All evaluations in the order of registration."""
        return [self._observed.shown(registered) for registered in self._observed.points]

    @property
    def space(self) -> TargetSpace:
        """What was evaluated, as arrays."""
        return TargetSpace(self._observed, self.register)

    @property
    def acquisition_function(self) -> Acquisition:
        """The acquisition, as the next suggestion uses it."""
        if isinstance(self._acquisition, DecayingBound):
            return self._acquisition.at(self._n_suggested + 1)
        return self._acquisition

    @property
    def is_constrained(self) -> bool:
        """Whether there is a constraint."""
        return self._limits is not None

    @property
    def constraint(self) -> ConstraintModel | None:
        """The constraint and what is learned of it."""
        if self._limits is None:
            return None
        return ConstraintModel(self._limits, self.space, self._optimizer)

    def predict(
        self,
        params: Mapping[str, Any] | Iterable[Mapping[str, Any]],
        return_std: bool = False,
        return_cov: bool = False,
        fit_gp: bool = True,
    ) -> Any:
        """The posterior mean at a point (a number) or at several (an array), also with its sd.

        Raises
        ------
        RuntimeError : before the first evaluation with a finite value.
        """
        if return_cov:
            raise ValueError("return_cov is not available; return_std=True gives deviations")
        if not any(math.isfinite(r.target) for r in self._observed.points):
            raise RuntimeError("nothing to predict from: register a finite value first")
        prediction = self._optimizer.predict(params)
        mean, sd = prediction.mean, prediction.sd
        if isinstance(params, Mapping):
            mean, sd = mean[0], sd[0]
        return (mean, sd) if return_std else mean

    def random_sample(self, n: int = 1) -> list[dict[str, Any]]:
        """``n`` points drawn at random."""
        space = self._observed.space
        rows = space.to_rows(space.from_cube(self._rng.random((n, space.n_columns))))
        return [space.decode(row) for row in rows]

    # ---------------------------------------------------------------- settings

    def set_bounds(self, new_bounds: Mapping[str, Any]) -> None:
        """Change bounds; what was registered outside the new ones informs the model only.

        Raises
        ------
        ValueError : for unknown names, another kind of parameter, or when a registered point has a
            category that would be gone. Nothing is changed then.
        """
        unknown = [name for name in new_bounds if name not in self._pbounds]
        if unknown:
            raise ValueError(
                f"new_bounds: unknown {shown(unknown)}; expected some of {self.space.keys}"
            )
        space = read_bounds({**self._pbounds, **new_bounds})  # nothing is changed before all fits
        for name, old in self._observed.space.parameters.items():
            if type(space.parameters[name]) is not type(old):
                raise ValueError(
                    f"new_bounds: {name!r} must stay a {type(old).__name__}; "
                    f"got {shown(new_bounds[name])}"
                )
        self._observed = self._observed.over(space)
        self._pbounds.update(new_bounds)
        self._suggested: list[Trial] = []
        self._start(self._design)

    def set_gp_params(self, **params: Any) -> None:
        """Has no effect, and says so: noise and hyperparameters are learned."""
        warnings.warn(
            f"set_gp_params({', '.join(params)}) has no effect: the model learns its noise and "
            "hyperparameters",
            UserWarning,
            stacklevel=2,
        )

    def save_state(self, path: str | Path) -> None:
        """Write all evaluations to a JSON file, and what it takes to go on as without it."""
        storage = self._optimizer.storage
        state.save(path, self._observed, self._seed, storage, self._n_suggested)

    def load_state(self, path: str | Path) -> None:
        """Register all evaluations of a file that :meth:`save_state` wrote.

        A run that has no evaluations of its own yet goes on exactly as the one that was saved,
        also within the initial design. Files of bayes_opt are read too, if no parameter is
        categorical.

        Raises
        ------
        ValueError : when it is no such file, or one of other parameters.
        """
        saved = state.load(path, self._observed.names)
        fresh = not (self._observed.points or self._observed.failed or self._suggested)
        if saved.seed is not None:
            self._seed = saved.seed
            self._start(self._design)
        for values, target, constraint in saved.evaluations:
            self.register(values, target, constraint)
        self._observed.failed += [self._observed.read(point) for point in saved.failed]
        self._n_suggested = max(saved.suggestions, 0)
        if fresh and saved.events is not None:
            self._go_on(state.storage_of(path, saved.events), path)

    # ---------------------------------------------------------------- internal

    def _go_on(self, storage: Storage, path: str | Path) -> None:
        """Go on with the events of a file, if they are of a run over the same space."""
        try:
            optimizer = self._make_optimizer(storage=storage)
        except ValueError:  # other bounds: its points are registered, and that is all
            return
        except StorageError as error:
            raise ValueError(f"{path} is damaged: {error}") from None
        trials = optimizer.trials
        done = sum(t.state in (TrialState.COMPLETE, TrialState.FAILED) for t in trials)
        if done == len(self._observed.points) + len(self._observed.failed):
            self._optimizer, self._design = optimizer, optimizer.config.initial_design
            self._suggested = [t for t in trials if t.state is TrialState.PENDING]

    def _make_optimizer(self, **options: Any) -> Optimizer:
        return Optimizer(
            self._observed.space,
            direction="maximize",
            seed=self._seed,
            acquisition=self.acquisition_function,
            **options,
        )

    def _start(self, design: InitialDesign | None) -> None:
        """Go on with another optimizer that knows the same points."""
        self._design = design
        suggested = getattr(self, "_suggested", [])
        self._optimizer = self._make_optimizer(initial_design=design)
        results = [(r.params, self._observed.result(r)) for r in self._observed.points]
        results += [(point, math.nan) for point in self._observed.failed]
        self._optimizer.add_observations(results, outside=True)
        self._suggested = []
        for trial in suggested:
            self._optimizer.enqueue(trial.params)
            self.suggest()

    def _evaluate(self, params: Params) -> None:
        """Evaluate a point and register it; one registered before is not evaluated again."""
        point = self._observed.read(params)
        if not self._allow_duplicates and self._observed.find(point) is not None:
            return
        if self._f is None:
            raise ValueError("f is None: evaluate suggestions yourself and register() the values")
        try:
            target = read_value(self._f(**point))
            constraint = None if self._limits is None else self._limits.at(point)
        except BaseException as error:
            self._give_up(point, error)
            raise
        self.register(point, target, constraint)

    def _give_up(self, point: dict[str, Any], error: BaseException) -> None:
        """Remember a point whose evaluation raised: a bug need not be met twice."""
        for trial in [t for t in self._suggested if self._observed.same(t.params, point)]:
            self._suggested.remove(trial)
        if isinstance(error, Exception):
            self._observed.failed.append(point)
        self._start(self._design)
