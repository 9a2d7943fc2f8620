"""An external command as an objective. Never through a shell."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from bayesopt.cli.progress_lines import ProgressLines, ShouldStop, without_step
from bayesopt.cli.spec import ObjectiveSpec, SpecError
from bayesopt.cli.trial_folder import ERR, NUMBER, OUT, check_folder, trial_folder
from bayesopt.minimize.failures import EvaluationFailed, ObjectiveError
from bayesopt.minimize.running import RunningTrial

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_TAIL_BYTES = 65536
_TAIL_LINES = 20
_GRACE = 2.0  # seconds between asking a process to end and killing it
_SLICE = 0.2  # seconds between looks at the signals that came


# What a shell, or env, ends with when the program it was to start cannot be run, or found
# (POSIX.1-2017, Shell and Utilities 2.8.2). A point can do nothing about that.
_NOT_STARTED = (126, 127)
_NO_PROGRAM = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC, errno.EPERM, errno.ELOOP)


class CommandFailed(EvaluationFailed):
    """A command ended badly, or said nothing that can be read as a value."""

    def __init__(self, message: str, everywhere: bool = False) -> None:
        super().__init__(message)
        self.everywhere = everywhere


class _ExitStatus(CommandFailed):
    """A command ended with a status that is not 0."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, status in _NOT_STARTED)
        self.status = status


class CommandNotStarted(ObjectiveError):
    """There is no such program, or it may not be run: the run ends."""


class CommandObjective:
    """Runs a command for each point and reads the last line it prints.

    Parameters
    ----------
    spec : in ``spec.command``, ``{name}`` stands for a parameter, ``{{`` and ``}}`` for braces.
        A word with an inactive parameter is left out, and so is an option (a word beginning with
        "-") right before it when the word is nothing but that parameter. ``spec.input`` is
        "arguments"; "json" (the parameters as one JSON object on standard input); or
        "environment" (``BAYESOPT_PARAM_<name>`` each, and all as JSON in ``BAYESOPT_PARAMS``).
        ``{number}`` is the trial's number, which is in ``BAYESOPT_TRIAL`` too. With
        ``spec.workdir`` it runs in a folder of the trial's, which keeps what it prints.
        After ``spec.timeout`` seconds the command and all it started are killed.
    names : the parameters of the space.
    varying : those of them that are not constant; the command must be told each.

    Raises
    ------
    SpecError : the command cannot be run, or does not fit the parameters.
    """

    def __init__(
        self, spec: ObjectiveSpec, names: Collection[str], varying: Sequence[str]
    ) -> None:
        _check_program(spec.command[0], spec.folder)
        _check_fields(spec, names, varying)
        check_folder(spec)
        self._spec = spec
        self._names = frozenset(names)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._lock = threading.Lock()

    def __call__(self, params: dict[str, Any], trial: RunningTrial | None = None) -> object:
        """Run the command, again where it says so; its answer, or CommandFailed.

        Lines that it prints meanwhile, ``{"step": 3, "value": 0.4}``, are reports of the trial;
        where it should stop it is ended.
        """
        for again in range(self._spec.retries, -1, -1):
            try:
                return self._once(params, trial)
            except ShouldStop:
                assert trial is not None
                return trial.stopped()
            except _ExitStatus as error:
                if not again or error.status not in self._spec.retry_on or self._over():
                    raise CommandFailed(str(error), error.everywhere) from None
        raise AssertionError  # the last try answers or raises

    def _once(self, params: dict[str, Any], trial: RunningTrial | None) -> object:
        number = None if trial is None else trial.number
        folder = self._spec.folder if self._spec.workdir is None else self._made(params, number)
        with ExitStack() as files:  # files, not pipes: no output is too long, and no
            # grandchild that holds a pipe open makes us wait
            if self._spec.workdir is None:
                out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            else:
                out, err = (files.enter_context((folder / n).open("w+b")) for n in (OUT, ERR))
            given = files.enter_context(tempfile.TemporaryFile())
            if self._spec.input == "json":
                given.write(json.dumps(params).encode())
                given.seek(0)
            words = arguments(self._spec.command, _with_number(params, number))
            words[0] = _from_folder(words[0], self._spec.folder)
            variables = {} if number is None else {"BAYESOPT_TRIAL": str(number)}
            lines = None if trial is None else ProgressLines(out, trial)
            code = self._run(words, params, variables, folder, given, out, err, lines)
            if lines is not None:
                lines.finish()
            if code is None:
                raise CommandFailed(
                    f"timeout: no result after {self._spec.timeout:g} s{_said(err)}"
                )
            if code < 0:
                raise CommandFailed(f"killed by {_signal_name(-code)}{_said(err)}")
            if code > 0:
                raise _ExitStatus(f"exit status {code}{_said(err)}", code)
            return without_step(read_answer(_tail(out)))

    def _made(self, params: Mapping[str, Any], number: int | None) -> Path:
        """The folder of a trial."""
        if number is None:
            raise CommandNotStarted("a folder a trial needs trials with numbers")
        try:
            return trial_folder(self._spec, number, params, self._names, _text)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandFailed(f"the trial's folder cannot be made: {error}") from None

    def _over(self) -> bool:
        """Whether the run has ended, after waiting for the next try."""
        end = time.monotonic() + self._spec.retry_wait
        while (left := end - time.monotonic()) > 0 and not self._closed:
            time.sleep(min(left, _SLICE))
        return self._closed

    def close(self) -> None:
        """Kill what still runs; nothing is started any more."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _run(
        self,
        words: Sequence[str],
        params: Mapping[str, Any],
        variables: Mapping[str, str],
        folder: Path,
        given: IO[bytes],
        out: IO[bytes],
        err: IO[bytes],
        lines: ProgressLines | None = None,
    ) -> int | None:
        told = _variables(params) if self._spec.input == "environment" else {}
        environment = {**os.environ, **told, **variables}
        try:
            with self._lock:  # a command that starts while the run ends is not left behind
                if self._closed:
                    raise CommandFailed("the run has ended")
                process = subprocess.Popen(
                    words,
                    stdin=given,
                    stdout=out,
                    stderr=err,
                    cwd=folder,
                    env=environment,
                    start_new_session=True,  # a group of its own, to be killed as a whole
                )
                self._running.add(process)
        except OSError as error:
            reason = f"{shlex.join(words)} cannot be started: {error}"
            if error.errno in _NO_PROGRAM:
                raise CommandNotStarted(reason) from None
            raise CommandFailed(reason) from None  # too long a line, no process to be had, ...
        try:
            return _wait(process, self._spec.timeout, lines)
        finally:
            if process.returncode is None:  # out of time, or interrupted
                _end(process)
            with self._lock:
                self._running.discard(process)


def _wait(
    process: subprocess.Popen[bytes], timeout: float | None, lines: ProgressLines | None = None
) -> int | None:
    """The exit status, or None when the time is up; ShouldStop when its curve says so.

    In slices: a signal that the system delivers to another thread (of BLAS, say) does not wake a
    wait without end, and Ctrl-C would go unheard until the command is done.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        try:
            return process.wait(min(max(deadline - time.monotonic(), 0.0), _SLICE))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                return None
        if lines is not None:
            lines.listen()


def _with_number(params: Mapping[str, Any], number: int | None) -> Mapping[str, Any]:
    return params if number is None else {NUMBER: number, **params}


def _from_folder(program: str, folder: Path) -> str:
    """The program where it is, wherever it runs."""
    local = os.sep in program and not os.path.isabs(program)
    return os.path.abspath(folder / program) if local else program


def arguments(words: Sequence[str], params: Mapping[str, Any]) -> list[str]:
    """Put the values into the words; see :class:`CommandObjective`."""
    filled: list[str] = []
    for word in words:
        names = fields(word)
        if any(name not in params for name in names):
            if word == f"{{{names[0]}}}" and filled and filled[-1].startswith("-"):
                filled.pop()
            continue
        filled.append(_FIELD.sub(lambda m: _fill(m, params), word))
    return filled


def fields(word: str) -> list[str]:
    """The parameters a word names."""
    return [m[1] for m in _FIELD.finditer(word) if m[1] is not None]


def read_answer(text: str) -> object:
    """Read the last line that is not empty: a number or a JSON object.

    Raises
    ------
    CommandFailed : it is neither.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise CommandFailed("it printed nothing; the last line must be a number or a JSON object")
    with suppress(ValueError):
        return float(lines[-1])
    with suppress(ValueError):
        answer = json.loads(lines[-1])
        if isinstance(answer, dict):
            return answer
    raise CommandFailed(
        f"the last line it printed is neither a number nor a JSON object: {lines[-1][:200]!r}"
    )


def _fill(match: re.Match[str], params: Mapping[str, Any]) -> str:
    return match[0][0] if match[1] is None else _text(params[match[1]])


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _variables(params: Mapping[str, Any]) -> dict[str, str]:
    one_by_one = {f"BAYESOPT_PARAM_{_variable(k)}": _text(v) for k, v in params.items()}
    return {"BAYESOPT_PARAMS": json.dumps(dict(params)), **one_by_one}


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _check_program(program: str, folder: Path) -> None:
    if fields(program):
        return
    found = folder / program if os.sep in program else shutil.which(program)
    if found is None or not Path(found).exists():
        raise SpecError(f"command: there is no program {program!r} (looked from {folder})")
    if not os.access(found, os.X_OK) or Path(found).is_dir():
        raise SpecError(f"command: {found} is not executable")


def _check_fields(spec: ObjectiveSpec, names: Collection[str], varying: Sequence[str]) -> None:
    told = {name for word in spec.command for name in fields(word)}
    unknown = sorted(told - {NUMBER, *names})
    if unknown:
        raise SpecError(
            f"command: {{{unknown[0]}}} is not a parameter of the space {sorted(names)}; write "
            "{{ and }} for braces that are meant as such"
        )
    untold = [name for name in varying if name not in told]
    if spec.input == "arguments" and untold:
        raise SpecError(
            f"command: it is never told {untold}; add {{{untold[0]}}} to an argument, or set "
            'input = "json" or "environment" in [objective]'
        )
    if spec.input == "environment" and len({_variable(name) for name in names}) < len(names):
        raise SpecError(
            f"command: the names {sorted(names)} are not distinct as environment variables; "
            'rename one or set input = "json"'
        )


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _TAIL_BYTES, 0))
    return stream.read().decode(errors="replace")


def _said(err: IO[bytes]) -> str:
    lines = _tail(err).strip().splitlines()[-_TAIL_LINES:]
    return f"; standard error ends: {chr(10).join(lines)}" if lines else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, then kill what is left of it."""
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.kill()
