"""Raw results: one file of JSON lines a run, written whole or not at all.

``RESULTS/METHOD@VERSION/PROBLEM/seed-S-budget-B[-batch-K].jsonl`` (``/`` in names becomes ``+``):

* first line ``{"kind": "run", "schema": 1, "method", "version", "problem", "problem_version",
  "group", "seed", "budget", "batch", "dimension", "optimum", "noisy", "constraints",
  "approximations", "status", "error", "wall", "peak_mb", "start", "commit"}`` where ``status`` is
  ``done``, ``unsupported``, ``crashed`` (with what it did until then) or ``timeout``; ``start`` is
  the time to build the optimizer, imports included;
* then per evaluation ``{"kind": "evaluation", "n", "params", "value", "true", "constraints",
  "failed", "cost", "ask", "ask_cpu", "tell", "tell_cpu", "duplicate"}``; ``value`` is what the
  optimizer saw, ``true`` is without noise, times are seconds of the optimizer (of a batch: shared
  equally), ``cost`` seconds of the problem;
* then, for noisy problems, per checkpoint ``{"kind": "recommendation", "n", "params", "true"}``.

A file appears by renaming a finished temporary one, so a killed run leaves nothing and is done
again. Times and ``commit`` aside, a file depends on
method, version, problem, seed, budget and batch only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
TIMES = ("wall", "peak_mb", "start", "commit", "cost", "ask", "ask_cpu", "tell", "tell_cpu")


@dataclass(frozen=True)
class Key:
    """What a run is."""

    method: str
    version: str
    problem: str
    seed: int
    budget: int
    batch: int = 1

    def path(self, folder: Path) -> Path:
        batch = f"-batch-{self.batch}" if self.batch > 1 else ""
        return (
            folder
            / _safe(f"{self.method}@{self.version}")
            / _safe(self.problem)
            / f"seed-{self.seed}-budget-{self.budget}{batch}.jsonl"
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _safe(name: str) -> str:
    return "".join("+" if c in "/\\:, " else c for c in name).replace("++", "+")


@dataclass(frozen=True)
class Run:
    """A finished run as read back."""

    head: Mapping[str, Any]
    evaluations: Sequence[Mapping[str, Any]]
    recommendations: Sequence[Mapping[str, Any]]


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write a run so that it is there whole, also after a crash of the machine, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read(path: Path) -> Run:
    """Read one run."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    if not records or records[0].get("schema") != SCHEMA:
        raise ValueError(f"{path} is not a run of schema {SCHEMA}")
    return Run(
        records[0],
        [r for r in records if r["kind"] == "evaluation"],
        [r for r in records if r["kind"] == "recommendation"],
    )


def read_all(folder: Path) -> Iterator[Run]:
    """Every finished run under ``folder``, in the order of the paths."""
    for path in sorted(folder.glob("*/*/seed-*.jsonl")):
        yield read(path)


def without_times(path: Path) -> list[dict[str, Any]]:
    """The records of a run without what the clock and the commit decide: for comparing runs."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [{k: v for k, v in r.items() if k not in TIMES} for r in records]
