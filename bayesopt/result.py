"""What a run gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum
from math import nan
from pathlib import Path
from typing import Any

from bayesopt import checks
from bayesopt.objectives import read_objectives
from bayesopt.outcome import outcome_to_json
from bayesopt.output import OutcomeConstraint
from bayesopt.pareto_front import HypervolumeTrace, ParetoFront
from bayesopt.show import name_text, table_html, table_text, value_text
from bayesopt.space import Parameter, Space
from bayesopt.stopping import CurveAnswers
from bayesopt.trial import Origin, Trial, TrialState, curve_to_json
from bayesopt.upcalls import upper


class Stop(Enum):
    """Why a run ended; the member's value is the sentence shown to a person.

    A run ends by ``EXHAUSTED`` only where the objective is not known to be noisy: else points are
    evaluated again.
    """

    N_TRIALS = "all trials were spent"
    TIMEOUT = "the time was up"
    TARGET = "the target value was reached"
    PATIENCE = "no improvement for as many trials as patience allowed"
    BUDGET = "the budget was spent"
    CONVERGED = "too little was left to gain"
    NOT_WORTH_IT = "the next evaluation would have cost more than it was expected to gain"
    CALLBACK = "a callback asked to stop"
    EXHAUSTED = "every point that may be proposed was evaluated"
    NO_FEASIBLE_POINT = "no new point was found that meets the known constraints"
    INTERRUPTED = "interrupted from the keyboard"
    TERMINATED = "stopped by SIGTERM"
    HANGUP = "stopped by SIGHUP: its terminal went away"
    WORKERS = "the workers were lost and could not be replaced"
    FAILURES = "as many trials failed in a row as stop_after_failures allowed"
    ERROR = "the objective has a mistake in it"
    RUNNING = "the run goes on"

    @property
    def by_signal(self) -> bool:
        """Whether Ctrl-C or another signal ended it."""
        return self in (Stop.INTERRUPTED, Stop.TERMINATED, Stop.HANGUP)


class KeptRun:
    """What a result still knows of its run, for questions to the model; a copy made by pickling
    knows nothing.
    """

    __slots__ = ("run",)

    def __init__(self, run: object = None) -> None:
        self.run = run

    def __reduce__(self) -> tuple[type[KeptRun], tuple[()]]:
        return KeptRun, ()


@dataclass(frozen=True, slots=True)
class Result(CurveAnswers):
    """The trials of a run and its answers.

    Attributes
    ----------
    best : the best *observed* feasible trial, or None when nothing succeeded.
    recommended : the evaluated trial that is best by the posterior mean: under noise, the one to
        use. Where outcome constraints are noisy, the best of those that keep to them with a
        probability of at least 0.85 as the model has it, or else the one that most probably does;
        it may have been observed above a limit. Equals ``best`` without noise; None when ``best``
        is.
    trials : every trial in the order it was asked, added observations included.
    stop : why the run ended.
    direction : "minimize" or "maximize".
    diagnostics : what the surrogate has to say about its fits.
    outcome_constraints : the limits of the outcome constraints, such as
        ``{"impurity": "<= 0.5"}``.
    kept : what it still knows of its run; no part of its value.

    With several objectives there is no ``best``, ``recommended`` and ``direction``: asking for
    them raises ValueError; :attr:`pareto`, :attr:`hypervolume` and :meth:`compromise` take their
    place.
    """

    best: Trial | None
    recommended: Trial | None
    trials: tuple[Trial, ...]
    stop: Stop
    direction: str
    space: Space
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    outcome_constraints: Mapping[str, str] = field(default_factory=dict)
    kept: KeptRun = field(default_factory=KeptRun, compare=False, repr=False)
    _several: tuple[ParetoFront, HypervolumeTrace] | None = field(default=None, repr=False)

    @property
    def pareto(self) -> ParetoFront:
        """The trials that are believed to be dominated by no other, with posterior means, standard
        deviations and the probability that it is so; ValueError where there is one objective.
        """
        return self._of_several("pareto")[0]

    @property
    def hypervolume(self) -> HypervolumeTrace:
        """The volume dominated below the reference point after each trial; ``float()`` of it is
        the last. ValueError where there is one objective.
        """
        return self._of_several("hypervolume")[1]

    @property
    def objectives(self) -> dict[str, str]:
        """Directions by the names of several objectives; ValueError where there is one."""
        return {o.name: o.direction for o in self._of_several("objectives")[0].objectives}

    @property
    def several(self) -> bool:
        """Whether the run has several objectives."""
        return self._several is not None

    def with_diagnostics(self, diagnostics: Mapping[str, Any]) -> Result:
        """The same result with other ``diagnostics``."""
        return replace(self, diagnostics=diagnostics)

    def compromise(self, weights: Mapping[str, float] | None = None) -> Trial:
        """The trial of the front that is nearest to the ideal point: the front's best value of
        each objective.

        Distances are in units of the front's ranges.

        Parameters
        ----------
        weights : by objective, >= 0: the weight of a distance in it; 1 where it is not named.

        Raises
        ------
        ValueError : for one objective, an empty front, or weights that cannot be.
        """
        return self._of_several("compromise()")[0].compromise(weights).trial

    def _of_several(self, what: str) -> tuple[ParetoFront, HypervolumeTrace]:
        if self._several is None:
            raise ValueError(
                f"result.{what} is for several objectives; this run has one: see result.best"
            )
        return self._several

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of ``best``; ValueError when nothing succeeded."""
        return dict(self._best().params)

    @property
    def value(self) -> float:
        """Value of ``best``; ValueError when nothing succeeded."""
        value = self._best().value
        assert value is not None
        return value

    def _best(self) -> Trial:
        if self.best is None:
            failed = sum(t.state is TrialState.FAILED for t in self.trials)
            raise ValueError(
                f"no trial has a feasible value yet ({len(self.trials)} trials, {failed} failed); "
                "see result.trials for each one's error"
            )
        return self.best

    def __repr__(self) -> str:
        title, rows = self._shown()
        return f"{title}\n{table_text(rows)}"

    def _repr_html_(self) -> str:
        return table_html(*self._shown())

    def _shown(self) -> tuple[str, list[list[str]]]:
        """A line of text, and a table of the best and the recommended trial."""
        counts = trial_counts(self.trials)
        title = f"Result: {self.direction}, {counts}; {self.stop.value}"
        answers = {"best": self.best, "recommended": self.recommended}
        if self.best == self.recommended:
            answers = {"best and recommended": self.best}
        found = {name: trial for name, trial in answers.items() if trial is not None}
        if not found:
            return f"{title}; no trial has a feasible value", [["", "trial"], ["best", "none"]]
        rows = [["", *found], ["trial", *(str(t.number) for t in found.values())]]
        rows.append(["value", *(value_text(t.value) for t in found.values())])
        for name in self.space.names:
            cells = [
                value_text(t.params[name]) if name in t.params else "" for t in found.values()
            ]
            rows.append([name_text(name), *cells])
        return title, rows

    def to_dict(self) -> dict[str, Any]:
        """The whole result as JSON-representable values."""
        return {
            "direction": self.direction,
            "outcome_constraints": dict(self.outcome_constraints),
            "stop": self.stop.name.lower(),
            "best": None if self.best is None else trial_to_dict(self.best),
            "recommended": None if self.recommended is None else trial_to_dict(self.recommended),
            "trials": [trial_to_dict(t) for t in self.trials],
        }

    def to_csv(self, path: str | Path | None = None) -> str:
        """The trials as CSV, written to ``path`` when one is given; returns the text.

        One column a parameter, empty where it was inactive; the choice None is ``None``. Text that
        a spreadsheet would run as a formula is written with an apostrophe in front, and text with
        control codes as a JSON string. :meth:`from_csv` undoes all that.
        """
        from bayesopt import trial_table

        text = trial_table.to_csv(self.trials, self.space)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8", newline="")
        return text

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        space: Space | Mapping[str, Parameter],
        *,
        direction: str | None = None,
        objectives: Mapping[str, str] | None = None,
        outcome_constraints: Mapping[str, str] | None = None,
    ) -> Result:
        """The trials of a file that :meth:`to_csv` wrote, or of a table of one's own.

        A table of one's own needs a column for each parameter and ``value`` (or, for several
        objectives, ``objective:NAME`` each); a row without a value
        is a failed trial, and ``nan`` or an empty cell says that a parameter is inactive. To begin
        a run with it: ``optimizer.add_observations(result.observations(), outside=True)``.

        Parameters
        ----------
        path : the file, UTF-8 with commas.
        space : whose parameters the columns are.
        direction : "minimize" (default) or "maximize", which the file does not say.
        objectives : several objectives with their directions, in place of ``direction``.
        outcome_constraints : the limits, which it does not say either: ``{"impurity": "<= 0.5"}``.
            Those that are not named are ``<= 0``.

        Returns
        -------
        The result; no model was asked, so ``recommended`` is None.

        Raises
        ------
        ValueError : naming the row, for what is no trial of the space.
        """
        given = space if isinstance(space, Space) else Space(space)
        declared = read_objectives(direction, objectives)
        text = Path(path).read_text(encoding="utf-8-sig")
        what = "names with limits, such as {'impurity': '<= 0.5'}"
        limits = checks.mapping("outcome_constraints", outcome_constraints or {}, what)
        parsed = {
            str(name): OutcomeConstraint.parse(name, limit) for name, limit in limits.items()
        }
        from bayesopt import trial_table

        several = tuple(o.name for o in declared) if len(declared) > 1 else ()
        trials = trial_table.read_csv(text, given, str(path), parsed, several)
        feasible = [t for t in trials if t.feasible and given.contains(t.params)]
        written = {name: limit.written for name, limit in parsed.items()}
        if several:
            made = upper("result_of_observed")
            found: Result = made(declared, trials, feasible, Stop.RUNNING, given, written)
            return found
        best = best_of(feasible, declared[0].sign)
        return cls(best, None, trials, Stop.RUNNING, declared[0].direction, given, {}, written)

    def observations(self) -> list[tuple[dict[str, Any], Any]]:
        """What was learned, as ``Optimizer.add_observations`` takes it; failures are NaN."""
        return [
            (dict(t.params), nan if t.outcome is None else outcome_to_json(t.outcome))
            for t in self.trials
            if t.state in (TrialState.COMPLETE, TrialState.FAILED)
        ]

    def to_dataframe(self, library: str | None = None) -> Any:
        """The trials as a data frame, with the columns of :meth:`to_csv`.

        Parameters
        ----------
        library : "pandas" or "polars"; None: pandas, or else polars, whichever is installed.

        Returns
        -------
        A pandas or polars ``DataFrame``, a row a trial; missing where a parameter was inactive. A
        column of mixed types, or with the choice None, holds texts.

        Raises
        ------
        ImportError : when it is not installed.
        """
        from bayesopt import trial_table

        return trial_table.to_dataframe(self.trials, self.space, library)

    def what_matters(self, output: str | None = None) -> Any:
        """Each parameter's share of what the model explains, with error bars:
        :func:`bayesopt.sensitivity.what_matters`.

        Parameters
        ----------
        output : the name of an objective or an outcome constraint; None: the first objective.

        Returns
        -------
        bayesopt.sensitivity.Importance

        Raises
        ------
        ValueError : for an unknown name, or with fewer than two results.
        """
        return upper("what_matters")(upper("fitted_run")(self), output)

    def report(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write a page that shows what was found, how sure it is, and what to do next: one HTML
        file that needs nothing else.

        Parameters
        ----------
        path : where to.
        title : of the page.

        Returns
        -------
        The path.
        """
        written: Path = upper("write_report")(self, path, title=title)
        return written

    def plot(self) -> Any:
        """A convergence picture (matplotlib figure); needs the extra ``plot``."""
        return upper("convergence")({"run": self})


def best_of(trials: Iterable[Trial], sign: float) -> Trial | None:
    """The trial of the best value, the earliest of equals; ``sign`` -1 when maximising."""
    valued = [t for t in trials if t.value is not None]
    return min(valued, key=lambda t: sign * (t.value or 0.0), default=None)


def trial_counts(trials: Sequence[Trial]) -> str:
    """How many trials there are, and what became of them: ``8 trials (1 failed)``."""
    others = [s for s in TrialState if s is not TrialState.COMPLETE]
    numbers = {state: sum(t.state is state for t in trials) for state in others}
    words = [f"{n} {state.name.lower()}" for state, n in numbers.items() if n]
    added = sum(t.origin is Origin.ADDED for t in trials)
    words += [f"{added} added"] if added else []
    many = f"{len(trials)} trial{'' if len(trials) == 1 else 's'}"
    return f"{many} ({', '.join(words)})" if words else many


def trial_to_dict(t: Trial) -> dict[str, Any]:
    """A trial as JSON-representable values."""
    written: dict[str, Any] = {
        "number": t.number,
        "params": dict(t.params),
        "state": t.state.name.lower(),
        "origin": t.origin.name.lower(),
    }
    if t.asked is not None:
        written["asked"] = dict(t.asked)
    if t.violated:
        written["violated"] = list(t.violated)
    if t.outcome is not None:
        of_one = {} if t.outcome.objectives else {"value": None, "sd": None}
        written |= {**of_one, "constraints": {}, "cost": None, "info": None}
        written |= deepcopy(outcome_to_json(t.outcome))  # a record of the caller's own
    if t.error is not None:
        written["error"] = t.error
    if t.curve:
        written["curve"] = curve_to_json(t.curve)
    if t.start is not None:
        written["start"] = t.start.isoformat()
    return written | {
        key: given for key in ("seconds", "worker") if (given := getattr(t, key)) is not None
    }
