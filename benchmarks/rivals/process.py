"""The runner's side of the protocol: start an adapter's process and talk to it."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from benchmarks.sources import ROOT

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
FOLDER_VARIABLE = "BAYESOPT_BENCH_ENVIRONMENTS"


class Died(RuntimeError):
    """The process ended, answered an error or took longer than it may."""


def child_environment() -> dict[str, str]:
    """This process's environment with one thread for every numerical library."""
    paths = [str(ROOT), str(ROOT / "kernels")]
    if os.environ.get("PYTHONPATH"):
        paths.append(os.environ["PYTHONPATH"])
    return (
        os.environ
        | dict.fromkeys(_ONE_THREAD, "1")
        | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
    )


def environments_folder() -> Path:
    """Where the environments are: BAYESOPT_BENCH_ENVIRONMENTS, else benchmarks/environments."""
    return Path(os.environ.get(FOLDER_VARIABLE) or ROOT / "benchmarks" / "environments")


def find_python(environment: str | None, folder: Path, *, imports: Sequence[str] = ()) -> str:
    """The interpreter of an environment, or this one where it has the packages of ``imports``.

    FileNotFoundError says how to make the environment.
    """
    here = all(importlib.util.find_spec(name) for name in imports)
    if environment is None:
        if not here:
            raise FileNotFoundError(
                f"this environment lacks {' and '.join(imports)}; install it with "
                f"`pip install {' '.join(imports)}`"
            )
        return sys.executable
    python = folder / environment / "bin" / "python"
    if python.exists():
        return str(python)
    if imports and here:
        return sys.executable
    raise FileNotFoundError(
        f"environment {environment!r} is not in {folder}; make it with "
        f"`python -m benchmarks.setup --environments {folder} {environment}`"
    )


class Process:
    """A child that answers each JSON line with one."""

    def __init__(self, command: list[str], *, log: IO[str] | None = None) -> None:
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if log is None else log,
            text=True,
            env=child_environment(),
        )
        # a thread reads, so that a request can be given up after its time
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._lines.put(line)
        self._lines.put("")

    def request(
        self, message: Mapping[str, Any], *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Send one request and wait for its answer; Died when there is none."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(message) + "\n")
            self._child.stdin.flush()
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise Died(f"{message['cmd']} took longer than {timeout:g} s") from None
        except BrokenPipeError:
            line = ""
        if not line:
            raise Died(
                f"the process ended during {message['cmd']} (exit code {self._child.wait()})"
            )
        answer = json.loads(line)
        assert isinstance(answer, dict)
        if "error" in answer:
            raise Died(str(answer["error"]))
        return answer

    def close(self) -> None:
        """End the process: politely, then not."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
            self._child.wait(timeout=3)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def adapter(module: str, argument: str, python: str, *, log: IO[str] | None = None) -> Process:
    """The process of one rival."""
    return Process([python, "-m", f"benchmarks.rivals.{module}", argument], log=log)
