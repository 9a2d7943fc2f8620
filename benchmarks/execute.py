"""One run: a rival's process, a problem, a budget."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from benchmarks.problems.base import Problem
from benchmarks.rivals import METHODS
from benchmarks.rivals.process import Died, Process, adapter, find_python
from benchmarks.store import SCHEMA, Key

CHECKPOINTS = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000)


class _Run:
    """The state of a run while it goes on."""

    def __init__(self, key: Key, problem: Problem, process: Process, timeout: float) -> None:
        self.key, self.problem, self.process = key, problem, process
        self.deadline = time.monotonic() + timeout
        self.records: list[dict[str, Any]] = []
        self.seen: set[Any] = set()
        self.peak_mb = 0.0

    def request(self, message: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.process.request(message, timeout=max(0.01, self.deadline - time.monotonic()))
        self.peak_mb = max(self.peak_mb, float(answer.get("peak_mb", 0.0)))
        return answer

    def start(self) -> dict[str, Any]:
        return self.request(
            {
                "cmd": "start",
                "space": self.problem.space.to_json(),
                "seed": self.key.seed,
                "budget": self.key.budget,
                "batch": self.key.batch,
                "constraints": list(self.problem.constraints),
                "noisy": self.problem.noisy,
            }
        )

    def round(self, done: int) -> int:
        """Ask, evaluate and tell one batch; return the number of evaluations done so far."""
        asked = self.request({"cmd": "ask", "n": min(self.key.batch, self.key.budget - done)})
        points = asked["points"]
        if not points:
            raise Died("no point was proposed")
        batch = [self._evaluate(p, done + i + 1) for i, p in enumerate(points)]
        results = [_result(record) for record in batch]
        told = self.request({"cmd": "tell", "points": points, "results": results})
        for record in batch:
            for name, answer in (("ask", asked), ("tell", told)):
                record[name] = round(answer["wall"] / len(points), 6)
                record[f"{name}_cpu"] = round(answer["cpu"] / len(points), 6)
        self.records += batch
        done += len(points)
        if self.problem.noisy and (done in CHECKPOINTS or done >= self.key.budget):
            self._recommend(done)
        return done

    def _evaluate(self, point: dict[str, Any], n: int) -> dict[str, Any]:
        fault = self.problem.space.fault(point)
        if fault:
            raise Died(f"proposed a point outside the space: {fault}")
        identity = self.problem.space.key(point)
        record: dict[str, Any] = {
            "kind": "evaluation",
            "n": n,
            "params": point,
            "value": None,
            "true": None,
        }
        record |= {"constraints": {}, "failed": None, "duplicate": identity in self.seen}
        self.seen.add(identity)
        began = time.perf_counter()
        try:
            answer = self.problem.evaluate(point, seed=self.key.seed, n=n)
            values = [answer.value, answer.true, *answer.constraints.values()]
            if all(math.isfinite(v) for v in values):
                record |= {
                    "value": answer.value,
                    "true": answer.true,
                    "constraints": dict(answer.constraints),
                }
            else:
                record["failed"] = "not finite"
        except Exception as error:
            record["failed"] = f"{type(error).__name__}: {error}"
        record["cost"] = round(time.perf_counter() - began, 6)
        return record

    def _recommend(self, n: int) -> None:
        point = self.request({"cmd": "recommend"})["point"]
        if point is not None:
            true = self.problem.evaluate(point, seed=self.key.seed, n=0).true
            self.records.append({"kind": "recommendation", "n": n, "params": point, "true": true})


def _result(record: Mapping[str, Any]) -> dict[str, Any]:
    if record["failed"]:
        return {"failed": record["failed"]}
    return {"value": record["value"], "constraints": record["constraints"]}


def execute(
    key: Key,
    problem: Problem,
    environments: Path,
    *,
    timeout: float,
    commit: str,
    log: IO[str] | None = None,
) -> list[dict[str, Any]]:
    """Do a run and return its records, the head first; what goes wrong is in the head."""
    method = METHODS[key.method]
    began = time.monotonic()
    status, error, started, done = "done", None, {}, 0
    python = find_python(method.environment, environments, imports=method.imports)
    with adapter(method.module, method.argument, python, log=log) as process:
        run = _Run(key, problem, process, timeout)
        try:
            problem.begin(key.seed)
            started = run.start()
            start_seconds = time.monotonic() - began
            if "unsupported" in started:
                status, error = "unsupported", started["unsupported"]
            while status == "done" and done < key.budget:
                done = run.round(done)
        except Died as reason:
            start_seconds = time.monotonic() - began
            error = str(reason)
            status = "timeout" if "took longer" in error else "crashed"
    head = (
        key.to_json()
        | _describe(problem)
        | {
            "kind": "run",
            "schema": SCHEMA,
            "approximations": started.get("approximations", []),
            "status": status,
            "error": error,
            "wall": time.monotonic() - began,
            "start": start_seconds,
            "peak_mb": run.peak_mb,
            "commit": commit,
        }
    )
    return [head, *run.records]


def _describe(problem: Problem) -> dict[str, Any]:
    return {
        "problem_version": problem.version,
        "group": problem.group,
        "dimension": len(problem.space.parameters),
        "optimum": problem.optimum,
        "noisy": problem.noisy,
        "constraints": list(problem.constraints),
    }
