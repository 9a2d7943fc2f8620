"""The exit statuses of the command line; ``docs/command_line.md`` lists them for users."""

from __future__ import annotations

from collections.abc import Mapping

from bayesopt.result import Result, Stop

OK = 0
NOTHING = 1  # no trial succeeded; for ask: the space has no further point
USAGE = 2  # a specification, an option or a file is wrong
NOT_KEPT = 3  # the run's file, or an output, could not be written (a full disk)
CANNOT_RUN = 4  # the objective fails everywhere: a mistake in it, or a command that does not start

# 128 and the signal's number, as a shell has it
STOPPED: Mapping[Stop, int] = {Stop.HANGUP: 129, Stop.INTERRUPTED: 130, Stop.TERMINATED: 143}


def exit_status(result: Result) -> int:
    """The exit status of a run that ended with this result."""
    if result.stop in STOPPED:
        return STOPPED[result.stop]
    if result.stop is Stop.ERROR:
        return CANNOT_RUN
    found = len(result.pareto) > 0 if result.several else result.best is not None
    return OK if found else NOTHING
