"""Ask and tell: the one object that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Unpack

from bayesopt.acquisition import Acquisition
from bayesopt.budget import Budget
from bayesopt.calls import explained, explained_methods, explained_with
from bayesopt.checks import several, shown, text_of, truth
from bayesopt.design import InitialDesign
from bayesopt.objectives import check_distinct, read_objectives
from bayesopt.optimizer.adding import RunTables
from bayesopt.optimizer.amendments import RunAmendments
from bayesopt.optimizer.asks import Asks
from bayesopt.optimizer.config_codec import configured
from bayesopt.optimizer.copying import reduced
from bayesopt.optimizer.declaring import OutputArguments
from bayesopt.optimizer.event_log import EventLog
from bayesopt.optimizer.events import (
    Abandoned,
    Failed,
    Told,
    stored_row,
)
from bayesopt.optimizer.informed import informed
from bayesopt.optimizer.priorities import RunCandidates
from bayesopt.optimizer.probabilities import RunProbabilities
from bayesopt.optimizer.queue import queued_points
from bayesopt.optimizer.reports import RunReports
from bayesopt.optimizer.respacing import RunSpaces
from bayesopt.optimizer.run_header import (
    as_space,
    check_retrying,
    check_settings,
    closed_on_error,
    open_run,
    open_stored,
    stored_problem,
)
from bayesopt.options import Earlier, ReopenOptions
from bayesopt.outcome import Outcome
from bayesopt.problem import Problem
from bayesopt.proposal import Proposer
from bayesopt.returned import read_outcome
from bayesopt.space import Parameter, Space
from bayesopt.stopping import StoppingRule, default_rule, read_rule
from bayesopt.storage import Storage
from bayesopt.strategy import Cache
from bayesopt.surrogate import Surrogate
from bayesopt.trial import Trial


@explained_methods
class Optimizer(
    Asks, RunReports, RunAmendments, RunTables, RunProbabilities, RunSpaces, RunCandidates
):
    """Bayesian optimization by ask and tell.

    Parameters
    ----------
    space : the search space; a mapping from names to parameters will do.
    direction : "minimize" (default) or "maximize".
    objectives : several objectives by name, each with its direction, in place of ``direction``:
        ``{"error": "minimize", "throughput": "maximize"}``. A result has all of them by name.
    thresholds : of such objectives, values that are just good enough: ``{"error": 0.3}``. What is
        worse than these is of no interest. None: inferred from the results, or those of the
        stored run.
    seed : same seed, same trials; None draws one, which is kept with the run.
    deterministic : True when evaluating a point twice gives the same value: the model then
        goes through every value exactly, fine steps and ripples included. None or False lets
        the noise be learned, which also smooths what is rougher than it can follow.
    n_trials : the budget if known; it limits the initial design.
    surrogate, acquisition, proposer, initial_design : parts of the algorithm; see
        :class:`~bayesopt.MapGP`, :class:`~bayesopt.LogEI`, :class:`~bayesopt.AcquisitionSearch`,
        :class:`~bayesopt.InitialDesign` for the defaults. ``proposer=RandomSearch()`` or
        ``GridSearch()`` compares with those.
    start : a point, or several, to begin with: the first to be asked, without the values of
        context parameters. A run that is continued has had them, or keeps its own.
    earlier : runs of like problems, one or a list: results, optimizers, or paths of run files.
        The run begins with the default and up to four of their best points that differ (unless
        ``start`` is given); then their surrogates inform its own, see
        :class:`~bayesopt.EarlierRunsGP`. Parameters are the same where their names are; trials
        that are no points of this space are left out. What is used of them is kept with the run.
    outcome_constraints : outputs that must keep to a limit, in their own units:
        ``{"impurity": "<= 0.5", "yield": ">= 90"}``. A list of names means ``<= 0`` (in a stored
        run: the limits that it has). None: those of the first result that carries any. A result
        with another name is refused, so that a misspelt one is no new constraint; one that lacks
        a name is taken, as it may not have been measured. A stored run may get further ones, and
        other limits: all its trials are then judged by these.
    records : names of outputs that are only recorded, such as ``["time_ms"]``.
    storage : None for memory, or the path of an SQLite file; a run found there is continued,
        with its own parts where none are given here.
    early_stopping : what decides for trials that report how far they are, see :meth:`should_stop`:
        "auto" (as the run began; a new one with :class:`~bayesopt.CurveModel`), "median", or a
        rule such as :class:`~bayesopt.Hyperband`; None: nothing is stopped.
    budget : what the trials may cost in all: ``bo.Cost(100)`` of the ``cost`` told with results,
        or ``bo.Seconds(3600)`` of their time. While much of it is left cheap points are preferred.
        :func:`~bayesopt.minimize` stops when it is spent; by ask and tell see :attr:`spent`.
    threads : BLAS threads; more than 1 gives up bitwise reproducibility.
    lease : several processes may work on one ``storage``. A trial whose process has died is
        abandoned and handed out again; where that cannot be seen (another host or container),
        after ``lease`` seconds; None: never.
    retries : how often an abandoned trial is handed out again before it stays abandoned.

    Raises
    ------
    TypeError, ValueError : for parts of the wrong kind, or when a stored run does not fit the
        arguments.
    """

    @explained
    def __init__(
        self,
        space: Space | Mapping[str, Parameter],
        *,
        direction: str | None = None,
        objectives: Mapping[str, str] | None = None,
        thresholds: Mapping[str, float] | None = None,
        seed: int | None = None,
        deterministic: bool | None = None,
        n_trials: int | None = None,
        surrogate: Surrogate | None = None,
        acquisition: Acquisition | None = None,
        proposer: Proposer | None = None,
        initial_design: InitialDesign | None = None,
        start: Mapping[str, Any] | Iterable[Mapping[str, Any]] | None = None,
        earlier: Iterable[Earlier] | Earlier | None = None,
        outcome_constraints: Mapping[str, str] | Iterable[str] | None = None,
        records: Iterable[str] | None = None,
        storage: str | Path | Storage | None = None,
        early_stopping: StoppingRule | str | None = "auto",
        budget: Budget | None = None,
        threads: int = 1,
        lease: float | None = None,
        retries: int = 2,
    ) -> None:
        given: dict[str, Any] = {
            "surrogate": surrogate,
            "acquisition": acquisition,
            "proposer": proposer,
            "initial_design": initial_design,
            "early_stopping": read_rule(early_stopping),
            "budget": budget,
        }
        declared = read_objectives(direction, objectives, thresholds)
        check_settings(seed, deterministic, n_trials, threads)
        check_retrying(lease, retries)
        outputs = OutputArguments.read(outcome_constraints, records)
        check_distinct(declared, outputs.names)
        self.space = space = as_space(space)
        if earlier is not None:
            first, given = informed(space, earlier, given, n_trials, len(declared))
            start = first if start is None else start
        queued = [] if start is None else queued_points(space, start, whole=True)
        opened, stored = open_run(
            storage, space, declared, seed, deterministic, n_trials, given, outputs
        )
        self.problem = Problem(space, stored.objectives, stored.deterministic)
        self.config = configured(stored.seed, stored.n_trials, stored.parts)
        self.early_stopping = stored.parts.get("early_stopping") or default_rule()
        self._threads = threads
        self._cache = Cache()
        with closed_on_error(opened, storage):
            self._event_log = EventLog(opened, space, lease=lease, retries=retries)
            if stored.declares is not None and stored.declares.any_given:
                self._event_log.declare(stored.declares, stored.parts)
            if queued:
                self._begin_with(queued)

    @classmethod
    @explained_with(ReopenOptions)
    def reopen(cls, storage: str | Path | Storage, **options: Unpack[ReopenOptions]) -> Optimizer:
        """Continue a stored run of which one has nothing but the file.

        A file does not hold parts of your own (a surrogate, say): give them here. Without them
        trials can be read and told, but :meth:`ask` and :meth:`predict` say what is missing.

        Parameters
        ----------
        storage : the file, which must exist.
        **options : those of :class:`Optimizer` that are not kept with the run (``threads``,
            ``lease``, ``retries``), or parts to be changed.

        Raises
        ------
        FileNotFoundError, ValueError : when there is no run, or its space cannot be kept in a
            file.
        """
        opened = open_stored(storage)
        with closed_on_error(opened, storage):
            space, objectives, absent = stored_problem(opened, str(storage))
            given = {k: v for k, v in options.items() if v is not None or k == "early_stopping"}
            return cls(space, storage=opened, **{**objectives, **absent, **given})

    # ----------------------------------------------------------------- telling

    def tell(
        self, trial: Trial | int, result: object, *, as_run: Mapping[str, Any] | None = None
    ) -> Trial:
        """Report a result; returns the finished trial.

        Parameters
        ----------
        trial : what :meth:`ask` returned, or its number.
        result : a number, or a mapping with ``value`` (of several objectives: each by its name),
            the run's other outputs by their names
            (``{"value": 0.1, "impurity": 0.2}``, or below ``constraints`` and ``records``), and
            optionally ``sd`` (measured standard deviation of ``value``), ``sds`` (those of other
            outputs, by name), ``cost`` and ``info``. Several evaluations of the point are a list,
            or ``values`` in the mapping: their mean is the value, and ``sd`` is estimated from
            their scatter; ``info`` keeps them. A value that is not finite makes the trial a
            failure. An Outcome will do.
        as_run : the point that was evaluated, where it is another one than was asked; it may be
            beyond the bounds. The trial is there then, and ``trial.asked`` is what was asked.

        Raises
        ------
        ValueError : when the trial is unknown or already finished, or the result has a constraint
            of a name that the run does not have.
        TypeError : when the result is neither, or has another name that the run does not have.
        """
        outcome = self._read(result)
        if isinstance(outcome, str):
            return self.tell_failure(trial, outcome, as_run=as_run)
        row = None if as_run is None else stored_row(self.space.encode(as_run, outside=True))
        return self._event_log.finish(trial, lambda number: Told(number, outcome, row))

    def tell_failure(
        self, trial: Trial | int, message: str, *, as_run: Mapping[str, Any] | None = None
    ) -> Trial:
        """Report that evaluating the point (or ``as_run``) failed: its region is avoided."""
        row = None if as_run is None else stored_row(self.space.encode(as_run, outside=True))
        return self._event_log.finish(trial, lambda number: Failed(number, text_of(message), row))

    def abandon(self, trial: Trial | int, reason: str, *, retry: bool = True) -> Trial:
        """Report that the evaluation was lost: nothing is learned from it.

        The next :meth:`ask` hands the same trial out again, as often as ``retries`` allows; not so
        with ``retry=False``. A result that comes after all may still be told.
        """
        final = not truth("retry", retry)
        return self._event_log.finish(
            trial, lambda number: Abandoned(number, text_of(reason), final=final)
        )

    def add_observation(
        self, params: Mapping[str, Any], result: object, *, outside: bool = False
    ) -> Trial:
        """Record an observation made elsewhere: it informs the model, but is no trial of the run.

        ``outside=True`` allows points beyond the bounds, which inform the model only. What lies
        further than a million ranges away is to the model as if it lay there.
        """
        return self.add_observations([(params, result)], outside=outside)[0]

    def add_observations(
        self, observations: Iterable[tuple[Mapping[str, Any], object]], *, outside: bool = False
    ) -> list[Trial]:
        """Record many observations made elsewhere, all or none: ``[(params, result), ...]``."""
        given = []
        what = "a list of pairs (params, result)"
        for pair in several("observations", observations, what):
            if not (isinstance(pair, tuple | list) and len(pair) == 2):
                raise TypeError(f"observations must be {what}; one is {shown(pair)}")
            params, result = pair
            encoded = self.space.encode(params, outside=outside)
            given.append((stored_row(encoded), self._read(result)))
        return self._event_log.add(given, outside)

    def _read(self, result: object) -> Outcome | str:
        if isinstance(result, list) and not self.objective_names:
            result = {"values": result}
        return read_outcome(result, self.objective_names)

    def __reduce__(self) -> tuple[Callable[..., Optimizer], tuple[Any, ...]]:
        return reduced(self)

    def close(self) -> None:
        """Let go of the storage."""
        self._event_log.storage.close()
