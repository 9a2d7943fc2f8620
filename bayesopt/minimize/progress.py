"""The progress bar of ``minimize``."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bayesopt.show import point_text, value_text
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.optimizer.standing import Standing
    from bayesopt.result import Result
    from bayesopt.trial import Trial

_log = logging.getLogger("bayesopt.minimize")

_BETWEEN_LINES = 10.0  # seconds


class ProgressBar:
    """A live line with the best value so far and the number of failures, and the log's lines.

    On a terminal and in a notebook it is a tqdm bar; elsewhere, when wanted, plain lines without
    carriage returns: at most one in ten seconds, and one at the end.

    Parameters
    ----------
    wanted : True: always; None: on a terminal and in a notebook; False: nothing is shown, and
        nothing of single trials logged.
    total : trials of the run, or None.
    unit : what a trial is called.
    """

    def __init__(self, wanted: bool | None, total: int | None, *, unit: str = "trial") -> None:
        self._bar: Any = None
        self._failed = 0
        self._stopped = 0
        self._logs = wanted is not False
        live = _is_terminal() or _in_notebook()
        if wanted is False or (wanted is None and not live):
            return
        if live:
            bar, where = _bar_class()
            self._bar = bar(total=total, unit=unit, dynamic_ncols=True, mininterval=0.5, **where)
        else:
            self._bar = _Lines(total, unit)

    def start(self, done: int) -> None:
        """Set the bar to the trials a resumed run already has."""
        if self._bar is not None and done:
            self._bar.update(done)

    @property
    def live(self) -> bool:
        """Whether anything is shown while it runs."""
        return self._bar is not None

    def show(self, optimizer: Optimizer, trial: Trial, gain: float | None = None) -> None:
        """Count a finished trial; ``gain`` is what the model expected of its last proposal."""
        logs = self._logs and _log.isEnabledFor(logging.INFO)
        if (self._bar is None and not logs) or trial.state is TrialState.ABANDONED:
            return
        self._failed += trial.state is TrialState.FAILED
        self._stopped += trial.state is TrialState.STOPPED
        standing = optimizer.standing()
        if logs:
            _log_trial(trial, standing)
        if self._bar is None:
            return
        words = [standing.words]
        if self._failed:
            words.append(f"{self._failed} failed")
        if self._stopped:
            words.append(f"{self._stopped} stopped early")
        if gain is not None:
            words.append(f"expected gain {gain:.2g}")
        self._bar.set_postfix_str(", ".join(words), refresh=False)
        self._bar.update(1)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def summary(self, result: Result) -> None:
        """Log how the run ended."""
        if self._logs:
            _log.info("%s", repr(result))


class _Lines:
    """What a bar says, as lines of a file (``nohup``, a batch system's log)."""

    def __init__(self, total: int | None, unit: str) -> None:
        self._total = total
        self._unit = unit
        self._done = self._before = 0
        self._began = time.monotonic()
        self._said = 0
        self._words = ""
        self._due = 0.0

    def set_postfix_str(self, words: str, *, refresh: bool) -> None:
        self._words = words

    def update(self, n: int) -> None:
        self._done += n
        if not self._words:  # trials that a resumed run already has
            self._before = self._done
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + _BETWEEN_LINES
            self._say()

    def close(self) -> None:
        if self._said < self._done and self._words:
            self._say()

    def _say(self) -> None:
        self._said = self._done
        total = "" if self._total is None else f"/{self._total}"
        line = f"{self._done}{total} {self._unit}s, {self._words}{self._time_left()}"
        with suppress(OSError, ValueError):  # a full disk or a closed file ends no run
            print(line, file=sys.stderr, flush=True)

    def _time_left(self) -> str:
        """At the pace so far; trials that run at the same time make it a little longer."""
        left, done = (self._total or 0) - self._done, self._done - self._before
        if left <= 0 or done <= 0:
            return ""
        seconds = int((time.monotonic() - self._began) / done * left)
        hours, rest = divmod(seconds, 3600)
        clock = f"{rest // 60:02}:{rest % 60:02}"
        return f", about {f'{hours}:' if hours else ''}{clock} left"


def _log_trial(trial: Trial, standing: Standing) -> None:
    value = "failed" if trial.outcome is None else f"value {value_text(trial.value)}"
    if trial.state is TrialState.STOPPED:
        value = f"stopped early ({trial.error or 'no reason given'})"
    best = standing.best
    so_far = "none yet" if best is None else f"{value_text(best.value)} (trial {best.number})"
    so_far = f"best {so_far}"
    if trial.outcome is not None and trial.outcome.objectives:
        value, so_far = point_text(trial.outcome.objectives), standing.words
    elif best is None and standing.key is not None:
        so_far = standing.words
    seconds = "" if trial.seconds is None else f", {trial.seconds:.3g} s"
    _log.info("trial %d: %s; %s%s; %s", trial.number, value, so_far, seconds, trial.origin.value)


def _bar_class() -> tuple[Any, dict[str, Any]]:
    """A bar of tqdm's and where it goes: a widget in a notebook that can show one, else text. In
    a notebook that is on standard output, as the other stream is shown as errors are.
    """
    if _in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm

        return tqdm, {}
    from tqdm.std import tqdm

    return tqdm, {"file": sys.stdout if _in_notebook() else sys.stderr}


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # None under pythonw; closed
        return False


def _in_notebook() -> bool:
    """Whether a Jupyter kernel shows what is printed; IPython is asked only if it runs already."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and getattr(shell, "kernel", None) is not None
