"""What a run makes of evaluations that fail: a bad point, or a mistake in the objective."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.checks import text_of
from bayesopt.text import printable
from bayesopt.trial import Trial

if TYPE_CHECKING:
    from bayesopt.result import Result

_log = logging.getLogger("bayesopt.minimize")

_MISTAKES = 3  # so many first answers that show the same programming error end the run
_ALIKE = 10  # so many first trials that fail are worth a word
_FRAMES = 4  # of a traceback, the innermost, that are shown
_MESSAGE_LENGTH = 2000

# What Python raises at code that is wrong wherever it runs. Not among them: ValueError,
# IndexError, ArithmeticError, OSError and the like, which a diverging simulator may well raise.
_PROGRAMMING = (
    AttributeError,
    ImportError,
    KeyError,
    NameError,
    NotImplementedError,
    SyntaxError,
    TypeError,
)


class ObjectiveError(RuntimeError):
    """The objective has a mistake in it, or cannot run at all: the run has ended.

    An objective may raise it itself to end the run when the fault is not the point's (a licence
    server is down, a program is missing). The trial at hand is then handed out again when the run
    is continued.

    Attributes
    ----------
    result : the run up to here; None until ``minimize`` lets the error out.
    """

    result: Result | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args  # the result may hold what no other process can read


class EvaluationFailed(RuntimeError):
    """An evaluation failed, and the message says all there is to say: no traceback is shown.

    Attributes
    ----------
    everywhere : it would fail like this at any point; three of them at first end the run.
    """

    everywhere = False


class Grade(Enum):
    """Whose fault a failure is."""

    POINT = "the point may be to blame"
    MISTAKE = "a programming error: to blame when others are the same"
    FATAL = "no point can ever be evaluated like this"


class RemoteTraceback(Exception):
    """The traceback of an exception that was raised in another process."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How an evaluation came to fail; any executor can carry it.

    Attributes
    ----------
    kind : the exception's type.
    place : file and line that raised; empty when the call itself failed.
    trace : the innermost frames, as Python writes them.
    hint : what to do about it, or empty.
    error : the exception; None once this came from another process.
    """

    grade: Grade
    kind: str
    place: str
    trace: str
    hint: str = ""
    error: BaseException | None = None

    @classmethod
    def of(cls, error: BaseException, params: Mapping[str, Any]) -> Fault:
        """The fault behind an exception that was caught where the objective was called."""
        if isinstance(error, EvaluationFailed):
            grade = Grade.MISTAKE if error.everywhere else Grade.POINT
            return cls(grade, type(error).__qualname__, "", "", error=error)
        inside = error.__traceback__ and error.__traceback__.tb_next  # without the caller's frame
        place = ""
        for frame, line in traceback.walk_tb(inside):
            place = f"{frame.f_code.co_filename}:{line}"
        lines = traceback.format_exception(type(error), error, inside, limit=-_FRAMES)
        if isinstance(error, ObjectiveError):
            grade = Grade.FATAL
        else:
            grade = Grade.MISTAKE if isinstance(error, _PROGRAMMING) else Grade.POINT
        trace, kind = "".join(lines).rstrip(), type(error).__qualname__
        return cls(grade, kind, place, trace, _hint(error, place, params), error)

    def __reduce__(self) -> tuple[Any, ...]:
        return Fault, (self.grade, self.kind, self.place, self.trace, self.hint)


def describe(error: BaseException) -> str:
    """An exception as "Type: message"; the middle of a very long message is left out."""
    text = f"{type(error).__name__}: {text_of(error)}".rstrip(": ")
    if len(text) <= _MESSAGE_LENGTH:
        return text
    half = _MESSAGE_LENGTH // 2
    return f"{text[:half]} [...] {text[-half:]}"


class Failures:
    """Watches the trials of one call of ``minimize``; says what must be said, and when to end.

    Attributes
    ----------
    in_a_row : failed trials since the last success.
    ending : the error that ends the run, or None.
    """

    def __init__(self) -> None:
        self.in_a_row = 0
        self.ending: ObjectiveError | None = None
        self._succeeded = False
        self._reasons: list[str] = []  # of the first failures
        self._same: list[tuple[str, str]] = []  # kind and place of the first mistakes
        self._mixed = False  # whether anything else came meanwhile

    def success(self) -> None:
        """Take in a success."""
        self._succeeded, self._mixed, self.in_a_row = True, True, 0

    def failure(self, trial: Trial, reason: str, fault: Fault | None = None) -> None:
        """Take in a trial that was recorded as failed; ``fault`` is None when nothing raised."""
        self.in_a_row += 1
        details = f"\n{fault.trace}" if fault and fault.trace else ""
        if self._reasons:
            _log.debug("trial %d failed: %s%s", trial.number, printable(reason), details)
        else:
            _log.warning(
                "trial %d failed: %s%s\n(later failures are logged at level DEBUG)",
                trial.number,
                printable(reason),
                printable(details),
            )
        if len(self._reasons) < _ALIKE:
            self._reasons.append(reason)
            if len(self._reasons) == _ALIKE and not self._succeeded:
                self._warn()
        self._compare(reason, fault)

    def fatal(self, trial: Trial, reason: str, cause: Fault | BaseException | None) -> None:
        """Take in an answer that shows that no point can be evaluated like this."""
        if self.ending is None:
            self._end(f"trial {trial.number}: {reason}", cause)

    def _compare(self, reason: str, fault: Fault | None) -> None:
        """End the run when the first answers are all the same mistake."""
        if fault is None or fault.grade is not Grade.MISTAKE:
            self._mixed = True
            return
        self._same.append((fault.kind, fault.place))
        if self._mixed or len(self._same) != _MISTAKES or len(set(self._same)) > 1:
            return
        if fault.place:
            place = f" at {_short(fault.place)}"
        else:
            place = " when it was called" if fault.trace else ""
        hint = f". {fault.hint}" if fault.hint else ""
        self._end(
            f"the first {_MISTAKES} evaluations all ended with {reason}{place}: a mistake in the "
            f"objective, not a bad point{hint}",
            fault,
        )

    def _end(self, message: str, cause: Fault | BaseException | None) -> None:
        self.ending = ObjectiveError(message)
        if isinstance(cause, Fault):
            cause = cause.error or RemoteTraceback(cause.trace)
        self.ending.__cause__ = cause

    def _warn(self) -> None:
        _log.warning(
            "the first %d trials that ended have all failed, the last with: %s\n(the run goes on; "
            "stop_after_failures=... ends one like it)",
            _ALIKE,
            printable(self._reasons[-1]),
        )


def _hint(error: BaseException, place: str, params: Mapping[str, Any]) -> str:
    keys = ", ".join(map(repr, params))
    if not place and isinstance(error, TypeError):
        return (
            f"The objective is called with one dict (keys {keys}): "
            "write `def objective(params): ...`, or `lambda params: f(**params)`"
        )
    key = error.args[0] if isinstance(error, KeyError) and error.args else None
    if isinstance(key, str) and key not in params:
        return f"The objective's dict had the keys {keys}; inactive parameters are absent"
    return ""


def _short(place: str) -> str:
    name, _, line = place.rpartition(":")
    return f"{Path(name).name}:{line}"
