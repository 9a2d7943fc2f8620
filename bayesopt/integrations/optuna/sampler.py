"""The sampler: a function of its settings and of what the study's storage holds."""

from __future__ import annotations

import secrets
import threading
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from bayesopt.acquisition import Acquisition
from bayesopt.calls import explained
from bayesopt.checks import function, instance, optional, whole
from bayesopt.design import InitialDesign
from bayesopt.integrations.optuna.distributions import external
from bayesopt.integrations.optuna.outcomes import PrunedValue
from bayesopt.integrations.optuna.publishing import Board, Published, mark_failed, publish
from bayesopt.integrations.optuna.snapshot import (
    Reader,
    StudySnapshot,
    clashes,
    read_trials,
    search_space,
)
from bayesopt.space import Space
from bayesopt.strategy import Proposal, ProposalConfig, propose
from bayesopt.surrogate import Surrogate

_ATTEMPTS = 8  # proposals made anew because another worker published nearly the same meanwhile
_FILL_STREAM, _BATCH_STREAM = 2**32 - 3, 2**32 - 4


@dataclass(frozen=True)
class Startup(InitialDesign):
    """The initial design, never short where branches of the space may still have to be found."""

    def size(self, space: Space, n_trials: int | None) -> int:
        """Number of points; at least 10 with conditional parameters."""
        n = super().size(space, n_trials)
        return max(n, 10) if self.n is None and space.is_conditional.any() else n


class BayesOptSampler(BaseSampler):  # type: ignore[misc]
    """Optuna sampler: Gaussian-process Bayesian optimization over mixed and conditional spaces.

    For studies with one objective or several. Parameters that only some trials have are modelled
    together with all others; when each is active is learned from the trials. Constraints set by
    ``trial.set_constraint`` weigh the acquisition by their probability. Proposals of running
    trials are shared through the storage, so that threads, processes and machines working on one
    study do not repeat each other.

    The sampler keeps nothing: what it proposes depends on its arguments, the trial's number and
    the storage. So it may be pickled, entered by several threads, and replaced by a new one at any
    time.

    Parameters
    ----------
    seed : the same seed and the same trials make the same proposal, in any process. None draws
        one.
    n_startup_trials : trials before the model takes over, spread by a Sobol sequence over what is
        known of the space; None: parameters + 2, within 5 to 20, and not under 10 for conditional
        spaces. Running trials count.
    deterministic_objective : True when evaluating a point twice gives the same value.
    independent_sampler : for parameters never seen before; None: random values.
    warn_independent_sampling : say so when that happens after the startup trials.
    surrogate, acquisition : parts of the algorithm; None: :class:`~bayesopt.MapGP`,
        :class:`~bayesopt.LogEI`, and of two to four objectives the expected hypervolume
        improvement, of more :class:`~bayesopt.ParEGO`.
    consider_failed_trials : True (default): regions where the objective raised or returned NaN are
        avoided. Trials that Optuna failed because their worker was lost are not held against their
        points. False: failed trials count as deleted, as they do for Optuna's own samplers.
    pruned_value : a function of a pruned trial that gives the value to use for it, or None; such
        as :func:`last_value`. By default a pruned trial counts as an uncertain observation of
        the value at which its intermediate values let it end, as learned from the complete trials;
        one that reported none tells nothing but that its point has been tried.
    constraints_func : for Optuna 4, where trials cannot set constraints: trial -> values that are
        feasible when <= 0.

    Raises
    ------
    TypeError, ValueError : for arguments of the wrong kind.
    """

    @explained
    def __init__(
        self,
        *,
        seed: int | None = None,
        n_startup_trials: int | None = None,
        deterministic_objective: bool = False,
        independent_sampler: BaseSampler | None = None,
        warn_independent_sampling: bool = True,
        surrogate: Surrogate | None = None,
        acquisition: Acquisition | None = None,
        consider_failed_trials: bool = True,
        pruned_value: PrunedValue | None = None,
        constraints_func: Callable[[FrozenTrial], Sequence[float]] | None = None,
    ) -> None:
        optional(whole, "seed", seed, 0)
        optional(whole, "n_startup_trials", n_startup_trials, 0)
        optional(instance, "independent_sampler", independent_sampler, BaseSampler)
        optional(function, "pruned_value", pruned_value, "a function of a trial")
        optional(function, "constraints_func", constraints_func, "a function of a trial")
        if constraints_func is not None and hasattr(FrozenTrial, "constraints"):
            warnings.warn(
                "constraints_func is for Optuna 4; with Optuna 5 call trial.set_constraint() in "
                "the objective",
                FutureWarning, stacklevel=2,
            )  # fmt: skip
        design = None if n_startup_trials == 0 else Startup(n=n_startup_trials)
        self._config = ProposalConfig.of(
            secrets.randbits(32) if seed is None else int(seed),
            surrogate=surrogate,
            acquisition=acquisition,
            initial_design=design,
            repeat=True,
        )
        self._reader = Reader(
            bool(deterministic_objective), bool(consider_failed_trials), pruned_value
        )
        self._independent_sampler = independent_sampler
        self._warn_independent_sampling = warn_independent_sampling
        self._constraints_func = constraints_func
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())

    def reseed_rng(self) -> None:
        """Do nothing for the model: every trial has a stream of its own, in whichever thread or
        process."""
        if self._independent_sampler is not None:
            self._independent_sampler.reseed_rng()

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All parameters that any trial has had; Optuna ignores those that a trial does not ask
        for."""
        return search_space(read_trials(study, trial.number))

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Values for all parameters of ``search_space``, shared with other workers before they are
        returned."""
        if not search_space:
            return {}
        # one at a time: BLAS has one thread here, and proposals of threads then know of each other
        with self._lock:
            for attempt in range(_ATTEMPTS):
                trials = read_trials(study, trial.number)
                snapshot = self._reader.read(study, trials, search_space, trial.number)
                proposal = self._propose(snapshot, attempt)
                numbers = self._publish(study, trial, search_space, snapshot, proposal)
                others = read_trials(study, trial.number)
                if not clashes(snapshot, others, Board(study), proposal.coords):
                    break
        return {name: external(search_space[name], number) for name, number in numbers.items()}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """A value for a parameter not proposed, or whose proposal lies outside the range asked for
        now."""
        published = Board(study).published(trial.number)
        if published is not None and param_name in published.numbers:
            return external(param_distribution, published.numbers[param_name])
        if self._warn_independent_sampling:
            self._warn(study, trial, param_name)
        sampler = self._independent_sampler
        if sampler is None:
            stream = (self._config.seed, trial.number, zlib.crc32(param_name.encode()))
            sampler = RandomSampler(seed=int(np.random.SeedSequence(stream).generate_state(1)[0]))
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Pass it on to ``independent_sampler``."""
        if self._independent_sampler is not None:
            self._independent_sampler.before_trial(study, trial)

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Note failures and, for Optuna 4, constraints."""
        if state is TrialState.FAIL:
            mark_failed(study, trial)
        if self._constraints_func is not None and state in (
            TrialState.COMPLETE,
            TrialState.PRUNED,
        ):
            given = tuple(float(value) for value in self._constraints_func(trial))
            if np.isnan(given).any():
                raise ValueError(f"constraints_func gave NaN for trial {trial.number}: {given!r}")
            study._storage.set_trial_system_attr(trial._trial_id, "constraints", given)
        if self._independent_sampler is not None:
            self._independent_sampler.after_trial(study, trial, state, values)

    def _propose(self, snapshot: StudySnapshot, attempt: int) -> Proposal:
        """A point to evaluate.

        A first attempt that met another trial's point would meet it again, as both trials look for
        the best point left. So further attempts take any of the next points that a batch would
        hold.
        """
        data, state, number = snapshot.data, snapshot.state, snapshot.number
        rng = np.random.default_rng([self._config.seed, number, attempt, _BATCH_STREAM])
        attempts = [_ATTEMPTS * (k + 1) + attempt for k in range(rng.integers(2 * attempt + 1))]
        for ahead in attempts:
            proposal = propose(data, self._config, number=number, state=state, attempt=ahead)
            data, state = data.with_pending(proposal.coords[None, :]), proposal.state
        return propose(data, self._config, number=number, state=state, attempt=attempt)

    def _publish(
        self,
        study: Study,
        trial: FrozenTrial,
        distributions: dict[str, BaseDistribution],
        snapshot: StudySnapshot,
        proposal: Proposal,
    ) -> dict[str, float]:
        """Share the active parameters; return these and, in case they are asked for all the
        same, the others."""
        space = snapshot.data.space
        if proposal.repeated:
            _logger().info(
                "Trial %d repeats a point: all %s points have been tried",
                trial.number,
                space.n_points,
            )
        rng = np.random.default_rng([self._config.seed, trial.number, _FILL_STREAM])
        coords = proposal.coords[None, :]
        full = space.to_rows(space.filled(coords, rng))[0]
        numbers = dict(zip(space.columns, full.tolist(), strict=True))
        fixed = {
            name: float(distributions[name].to_internal_repr(value))
            for name, value in trial.system_attrs.get("fixed_params", {}).items()
            if name in numbers
        }
        row = np.array([fixed.get(name, number) for name, number in numbers.items()])
        active = space.active(space.snap(space.to_coords(row[None, :])))[0]
        shared = {n: v for n, v, on in zip(numbers, row.tolist(), active, strict=True) if on}
        state = proposal.state if proposal.state != snapshot.state else {}
        publish(study, trial.number, Published(shared, state, snapshot.columns))
        return numbers

    def _warn(self, study: Study, trial: FrozenTrial, name: str) -> None:
        trials = read_trials(study, trial.number)
        done = sum(t.state is TrialState.COMPLETE for t in trials)
        design = self._config.initial_design
        startup = (design.n or 10) if design is not None else 1
        if min(done, trial.number) >= startup:
            _logger().warning(
                "The parameter %r of trial %d is sampled independently by %s: no trial has had it "
                "before, so the model of BayesOptSampler does not know it yet. "
                "warn_independent_sampling=False silences this.",
                name, trial.number, type(self._independent_sampler or RandomSampler()).__name__,
            )  # fmt: skip


def _logger() -> Any:
    # below Optuna's own logger: its handler shows and its verbosity rules what is said here
    return optuna.logging.get_logger("optuna.samplers.bayesopt")
