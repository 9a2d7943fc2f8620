"""What a command prints while it runs: lines ``{"step": 3, "value": 0.4}``, its learning curve."""

from __future__ import annotations

import json
import os
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayesopt.minimize.running import RunningTrial

_LONGEST = 65_536  # bytes of a line that may be a report
_CHUNK = 1_048_576


class ShouldStop(Exception):
    """The trial is better ended now."""


class ProgressLines:
    """Reads them from the file that a command writes to, and reports them.

    Parameters
    ----------
    out : the file; where the command writes is left as it is.
    trial : the running trial.
    """

    def __init__(self, out: IO[bytes], trial: RunningTrial) -> None:
        self._out = out
        self._trial = trial
        self._at = 0
        self._rest = b""

    def listen(self) -> None:
        """Report what is new; ShouldStop when the trial is better ended."""
        if self._report() and self._trial.should_stop():
            raise ShouldStop

    def finish(self) -> None:
        """Report what is left when the command has ended."""
        self._report(end=True)

    def _report(self, *, end: bool = False) -> bool:
        """Whether there was any report."""
        found = False
        for line in self._lines(end):
            read = read_report(line)
            if read is not None:
                self._trial.report(*read)
                found = True
        return found

    def _lines(self, end: bool) -> list[bytes]:
        lines: list[bytes] = []
        while hasattr(os, "pread") and (chunk := os.pread(self._out.fileno(), _CHUNK, self._at)):
            self._at += len(chunk)
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            lines += whole
            self._rest = self._rest[: _LONGEST + 1]  # no report is so long
        if end and self._rest:
            lines.append(self._rest)
            self._rest = b""
        return lines


def read_report(line: bytes) -> tuple[float, int] | None:
    """Value and step of a line that is a report; None for any other."""
    if b'"step"' not in line or len(line) > _LONGEST:
        return None
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    step, value = read.get("step"), read.get("value")
    numbers = type(step) is int and step >= 0 and type(value) in (int, float)
    return (float(value), step) if numbers else None  # type: ignore[arg-type, return-value]


def without_step(answer: Any) -> Any:
    """The answer of a command whose last line is a report: the last value is the trial's."""
    if isinstance(answer, dict) and "value" in answer and type(answer.get("step")) is int:
        return {key: value for key, value in answer.items() if key != "step"}
    return answer
