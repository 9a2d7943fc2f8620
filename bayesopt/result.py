"""What a run gives back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from bayesopt.text import csv_cell
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.space import Space


class Stop(Enum):
    """Why a run ended; the member's value is the sentence shown to a person."""

    N_TRIALS = "all trials were spent"
    TIMEOUT = "the time was up"
    TARGET = "the target value was reached"
    PATIENCE = "no improvement for as many trials as patience allowed"
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


@dataclass(frozen=True, slots=True)
class Result:
    """The trials of a run and its answers.

    Attributes
    ----------
    best : the best *observed* feasible trial, or None when nothing succeeded.
    recommended : the evaluated trial that is best by the posterior mean: under noise, the one to
        use. Equals ``best`` when the objective is deterministic; None when ``best`` is.
    trials : every trial in the order it was asked, added observations included.
    stop : why the run ended.
    direction : "minimize" or "maximize".
    diagnostics : what the surrogate has to say about its fits.
    """

    best: Trial | None
    recommended: Trial | None
    trials: tuple[Trial, ...]
    stop: Stop
    direction: str
    space: Space
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of ``best``; ValueError when nothing succeeded."""
        return dict(self._best().params)

    @property
    def value(self) -> float:
        """Value of ``best``; ValueError when nothing succeeded."""
        best = self._best()
        assert best.outcome is not None
        return best.outcome.value

    def _best(self) -> Trial:
        if self.best is None:
            failed = sum(t.state is TrialState.FAILED for t in self.trials)
            raise ValueError(
                f"no trial has a feasible value yet ({len(self.trials)} trials, {failed} failed); "
                "see result.trials for each one's error"
            )
        return self.best

    def to_dict(self) -> dict[str, Any]:
        """The whole result as JSON-representable values."""
        return {
            "direction": self.direction,
            "stop": self.stop.name.lower(),
            "best": None if self.best is None else trial_to_dict(self.best),
            "recommended": None if self.recommended is None else trial_to_dict(self.recommended),
            "trials": [trial_to_dict(t) for t in self.trials],
        }

    def to_csv(self) -> str:
        """The trials as CSV: one column a parameter, empty where it was inactive.

        Text that a spreadsheet would run as a formula is written with an apostrophe in front, and
        text with control codes as a JSON string; ``bayesopt.text.csv_text`` undoes both.
        """
        text = io.StringIO()
        names = list(self.space.names)
        constraints = sorted({c for t in self.trials if t.outcome for c in t.outcome.constraints})
        head = ["number", "state", "origin", "value", "sd", "cost", "error"]
        writer = csv.writer(text, lineterminator="\n")
        columns = [*head, *names, *(f"constraint:{c}" for c in constraints)]
        writer.writerow([_guarded(column) for column in columns])
        for t in self.trials:
            o = t.outcome
            fixed = [t.number, t.state.name.lower(), t.origin.name.lower(), t.value]
            fixed += [o.sd if o else None, o.cost if o else None, t.error]
            cells = [t.params.get(name) for name in names]
            cells += [o.constraints.get(c) if o else None for c in constraints]
            writer.writerow([_guarded(cell) for cell in (*fixed, *cells)])
        return text.getvalue()

    def plot(self) -> Any:
        """A convergence picture (matplotlib figure); needs the extra ``plot``."""
        from importlib import import_module  # plots are above results: no import edge upwards

        return import_module("bayesopt.plots").convergence({"run": self})


def _guarded(cell: Any) -> Any:
    if cell is None or isinstance(cell, (bool, int, float)):
        return cell
    return csv_cell(str(cell))


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
        o = t.outcome
        written |= {
            "value": o.value,
            "sd": o.sd,
            "constraints": dict(o.constraints),
            "cost": o.cost,
            "info": deepcopy(o.info),  # a record of the caller's own
        }
    if t.error is not None:
        written["error"] = t.error
    return written
