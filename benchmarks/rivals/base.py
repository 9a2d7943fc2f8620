"""The adapters' side of the protocol: one process a run, JSON lines on standard input and output.

Requests, each answered by one line::

    {"cmd": "version"}                            -> {"version": "optuna 5.0.0"}
    {"cmd": "start", "space", "seed", "budget", "batch", "constraints", "noisy"}
                                       -> {"approximations": [...]} or {"unsupported": why}
    {"cmd": "ask", "n": 1}                        -> {"points": [...], "wall": s, "cpu": s}
    {"cmd": "tell", "points": [...], "results": [...]} -> {"wall": s, "cpu": s}
    {"cmd": "recommend"}                          -> {"point": {...} or null}
    {"cmd": "preload", "points", "results"}       -> {"wall": s, "cpu": s}; not every rival can

A result is ``{"value": v, "constraints": {...}}`` or ``{"failed": why}``. Values are minimised. An
answer ``{"error": why}`` ends the run. End of input ends the process. Only the standard library is
imported here: every rival lives in an environment of its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmarks.space import Space

Point = dict[str, Any]
Result = Mapping[str, Any]


class Unsupported(Exception):
    """The rival cannot express the problem; the sentence says what."""


@dataclass(frozen=True)
class Task:
    """What a run starts from: the same for every rival."""

    space: Space
    seed: int
    budget: int
    batch: int = 1
    constraints: tuple[str, ...] = ()
    noisy: bool = False


@dataclass
class Rival(ABC):
    """One optimizer behind ask and tell.

    ``expresses`` lists what the library can state natively: ``conditional``, ``constraints``,
    ``batch``. ``flattens`` says that a conditional space is searched as if every parameter were
    always active, inactive values being dropped before evaluation: an approximation, reported.
    """

    task: Task
    approximations: list[str] = field(default_factory=list)

    expresses: ClassVar[tuple[str, ...]] = ()
    flattens: ClassVar[bool] = False

    def check(self) -> None:
        """Refuse what cannot be expressed."""
        if self.task.constraints and "constraints" not in self.expresses:
            raise Unsupported("no outcome constraints")
        if self.task.batch > 1 and "batch" not in self.expresses:
            raise Unsupported("no batches")
        if self.task.space.conditional and "conditional" not in self.expresses:
            if not self.flattens:
                raise Unsupported("no conditional parameters")
            self.approximations.append(
                "conditional parameters searched as if always active; inactive values dropped"
            )

    @staticmethod
    @abstractmethod
    def version() -> str:
        """Name and version of the library that proposes."""

    @abstractmethod
    def start(self) -> None:
        """Build the optimizer for ``self.task``; Unsupported for what cannot be expressed."""

    @abstractmethod
    def ask(self, n: int) -> list[Point]:
        """The next ``n`` points."""

    @abstractmethod
    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        """The results of points that were asked, in the same order."""

    def recommend(self) -> Point | None:
        """The evaluated point that it would use; None: no opinion but the best observed."""
        return None

    def preload(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        """Take observations that were not asked for: for measuring times at a given size."""
        raise Unsupported("no observations from elsewhere")


class Worst:
    """A number for failed evaluations, for libraries that need one: the worst seen."""

    def __init__(self) -> None:
        self._worst: float | None = None

    def value(self, result: Result) -> float:
        if "failed" in result:
            return 1.0 if self._worst is None else self._worst
        value = float(result["value"])
        self._worst = value if self._worst is None else max(self._worst, value)
        return value


def installed(*distributions: str) -> str:
    """Names and versions of installed distributions."""
    from importlib.metadata import version

    return ", ".join(f"{d} {version(d)}" for d in distributions)


def serve(make: Callable[[Task], Rival], version: Callable[[], str]) -> None:
    """Answer requests until the input ends."""
    # libraries print; what they print must not mix with the protocol
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rival: Rival | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["cmd"] == "version":
                answer: dict[str, Any] = {"version": version()}
            elif request["cmd"] == "start":
                rival = make(_task(request))
                answer = _start(rival)
            elif rival is None:
                answer = {"error": "the first request must be start"}
            else:
                answer = _step(rival, request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _task(request: Mapping[str, Any]) -> Task:
    return Task(
        Space.from_json(request["space"]),
        int(request["seed"]),
        int(request["budget"]),
        int(request.get("batch", 1)),
        tuple(request.get("constraints", ())),
        bool(request.get("noisy", False)),
    )


def _start(rival: Rival) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        rival.check()
        rival.start()
    except Unsupported as reason:
        return {"unsupported": str(reason)}
    return {"approximations": rival.approximations} | _spent(wall, cpu)


def _step(rival: Rival, request: Mapping[str, Any]) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    if request["cmd"] == "ask":
        points = [rival.task.space.strip(p) for p in rival.ask(int(request["n"]))]
        return {"points": points} | _spent(wall, cpu)
    if request["cmd"] == "tell":
        rival.tell(request["points"], request["results"])
        return _spent(wall, cpu)
    if request["cmd"] == "preload":
        rival.preload(request["points"], request["results"])
        return _spent(wall, cpu)
    if request["cmd"] == "recommend":
        return {"point": rival.recommend()} | _spent(wall, cpu)
    return {"error": f"unknown request {request['cmd']!r}"}


def _spent(wall: float, cpu: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": peak}
