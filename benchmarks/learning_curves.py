"""The learning curves of ``benchmarks/early_stopping.py``.

``TaskSet``: tables of an optimizer's settings (repository releaunifreiburg/DPL).

``LCBench``: a network of seven hyperparameters on one OpenML task, validation error in percent
after each of 52 epochs, by YAHPO Gym's surrogate (repository slds-lmu/yahpo_data; onnxruntime).
It answers any point, so what is asked is what is evaluated.

``LCDB``: which of 20 learners is best on one data set, validation error over the size of the
training set (package lcdb, Mohr et al. 2022). A step is a size; each size is trained anew and
costs as many rows as it has, sizes double, and a whole run costs 1.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo

Floats = NDArray[np.float64]
# the three of the suite "single" of YAHPO 1.0, and the first five others of the list of tasks
LCBENCH = ("167168", "189873", "189906", "3945", "7593", "34539", "126025", "126026")
_RANDOM = 20_000  # points among which the best is looked for


class Curves:
    """A task whose curves are counted by the order in which they were asked for.

    Attributes
    ----------
    space : of what is asked.
    best, median : of the ends.
    steps : of a whole run.
    early : the step by which i-epoch judges.
    rows : points that there are.
    """

    space: Any
    best: float
    median: float
    name: str
    steps: int
    early: int
    rows: int

    def row(self, params: Mapping[str, Any], used: set[int]) -> int:
        raise NotImplementedError

    def is_open(self, used: set[int]) -> bool:
        """Whether a point may be answered still: where each is its own row, always."""
        return True

    def curve(self, row: int) -> Iterator[tuple[int, float]]:
        raise NotImplementedError

    def end(self, row: int) -> float:
        raise NotImplementedError

    def at(self, row: int, step: int) -> float:
        """The value at a step; NaN where the curve has ended before."""
        return dict(self.curve(row)).get(step, np.nan)

    def cost(self, begun: int, step: int) -> float:
        """Of going on from one step to another, in whole runs."""
        return max(step - begun, 0) / self.steps

    def random(self, n: int, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Points drawn at random."""
        space = bo.Space(self.space)
        rows = space.to_rows(space.from_cube(rng.uniform(size=(n, space.n_columns))))
        return [space.decode(row) for row in rows]

    @property
    def listed(self) -> bo.Space:
        """The rows as the only points there are."""
        raise NotImplementedError

    def evaluated(self, row: int) -> dict[str, Any]:
        """The parameters of a row."""
        raise NotImplementedError

    def suggest(self, trial: Any) -> dict[str, Any]:
        """A point by an Optuna trial."""
        found: dict[str, Any] = {}
        for name, p in self.space.items():
            if isinstance(p, bo.Categorical):
                found[name] = trial.suggest_categorical(name, list(p.choices))
            elif isinstance(p, bo.Int):
                found[name] = trial.suggest_int(name, p.low, p.high, log=p.log)
            else:
                found[name] = trial.suggest_float(name, p.low, p.high, log=p.log)
        return found


class TaskSet(Curves):
    """1,000 settings of an optimizer and their validation loss at 51 checkpoints (Metz et al.
    2020). What is asked is answered by the nearest row not yet used. Step 0 is before any training
    and costs nothing. A row that diverges fails there. The end is the mean of the last five
    checkpoints.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as data:
            h, self.loss = data["hyperparameters"].astype(float), data["valid_loss"].astype(float)
            self.names = [str(name) for name in data["names"]]
        betas = np.array([name.startswith("beta") for name in self.names])
        with np.errstate(all="ignore"):
            self.x = np.log10(np.where(betas, 1.0 - h, h))
        self.low, self.high = self.x.min(axis=0), self.x.max(axis=0)
        self.unit = (self.x - self.low) / (self.high - self.low)
        self.name, self.steps, self.rows, self.early = path.stem, 50, len(self.loss), 2
        self.ends = self.loss[:, -5:].mean(axis=1)
        self.best, self.median = np.nanmin(self.ends), np.nanmedian(self.ends)
        self.space = {
            n: bo.Float(float(a), float(b))
            for n, a, b in zip(self.names, self.low, self.high, strict=True)
        }

    @property
    def listed(self) -> bo.Space:
        """The rows as the only points there are."""
        return bo.Space.from_table([self.evaluated(row) for row in range(self.rows)])

    def evaluated(self, row: int) -> dict[str, Any]:
        return dict(zip(self.names, self.x[row].tolist(), strict=True))

    def row(self, params: Mapping[str, Any], used: set[int]) -> int:
        q = (np.array([params[n] for n in self.names]) - self.low) / (self.high - self.low)
        distance = ((self.unit - q) ** 2).sum(axis=1)
        distance[list(used)] = np.inf
        used.add(int(np.argmin(distance)))
        return int(np.argmin(distance))

    def is_open(self, used: set[int]) -> bool:
        return len(used) < self.rows

    def curve(self, row: int) -> Iterator[tuple[int, float]]:
        yield from enumerate(self.loss[row].tolist())

    def end(self, row: int) -> float:
        return float(self.ends[row])

    def random(self, n: int, rng: np.random.Generator) -> list[dict[str, Any]]:
        points = self.low + (self.high - self.low) * rng.uniform(size=(n, len(self.names)))
        return [dict(zip(self.names, q.tolist(), strict=True)) for q in points]


class LCBench(Curves):
    """One network's task."""

    def __init__(self, folder: Path, task: str) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1
        self.name, self.steps = f"lcbench-{task}", 52
        self._model = InferenceSession(str(folder / "model.onnx"), options)
        encoding = json.loads((folder / "encoding.json").read_text())
        self._task = encoding["OpenML_task_id"][task]
        self.space = {
            "batch_size": bo.Int(16, 512, log=True),
            "learning_rate": bo.Float(1e-4, 0.1, log=True),
            "momentum": bo.Float(0.1, 0.99),
            "weight_decay": bo.Float(1e-5, 0.1),
            "num_layers": bo.Int(1, 5),
            "max_units": bo.Int(64, 1024, log=True),
            "max_dropout": bo.Float(0.0, 1.0),
        }
        self._errors: list[Floats] = []
        self.early, self.rows = 2, 1_000_000
        points = self.random(_RANDOM, np.random.default_rng(0))
        ends = self._run([[self.steps, *p.values()] for p in points])
        self.best, self.median = float(ends.min()), float(np.median(ends))

    def _run(self, numbers: list[list[float]]) -> Floats:
        labels = np.full((len(numbers), 1), self._task, np.int32)
        inputs = {"x_cat": labels, "x_cont": np.array(numbers, np.float32)}
        return 100.0 - np.asarray(self._model.run(None, inputs)[0][:, 1], dtype=float)

    def row(self, params: Mapping[str, Any], used: set[int]) -> int:
        values = [params[name] for name in self.space]
        self._errors.append(self._run([[s, *values] for s in range(1, self.steps + 1)]))
        used.add(len(self._errors) - 1)
        return len(self._errors) - 1

    def curve(self, row: int) -> Iterator[tuple[int, float]]:
        yield from enumerate(self._errors[row].tolist(), start=1)

    def end(self, row: int) -> float:
        return float(self._errors[row][-1])


class LCDB(Curves):
    """The choice of a learner for one data set."""

    def __init__(self, name: str, errors: dict[str, dict[int, float]]) -> None:
        self.name, self._errors = name, errors
        self._learners = sorted(errors)
        self.steps = max(max(by_size) for by_size in errors.values())
        self._sizes = sorted({s for e in errors.values() for s in e})
        self.early, self.rows = self.steps // 16, len(self._learners)
        self.space = {"learner": bo.Categorical(self._learners)}
        ends = np.array([self.end(k) for k in range(len(self._learners))])
        self.best, self.median = float(np.nanmin(ends)), float(np.nanmedian(ends))

    def row(self, params: Mapping[str, Any], used: set[int]) -> int:
        found = self._learners.index(params["learner"])
        used.add(found)
        return found

    def curve(self, row: int) -> Iterator[tuple[int, float]]:
        """NaN where nothing is known from a size on: that learner took too long."""
        of = self._errors[self._learners[row]]
        for size in self._sizes:
            yield size, of.get(size, np.nan)
            if size not in of:
                return

    def end(self, row: int) -> float:
        return self._errors[self._learners[row]].get(self.steps, np.nan)

    def cost(self, begun: int, step: int) -> float:
        return sum(s for s in self._sizes if begun < s <= step) / sum(self._sizes)

    def random(self, n: int, rng: np.random.Generator) -> list[dict[str, Any]]:
        return [{"learner": str(name)} for name in rng.permutation(self._learners)[:n]]


def taskset(folder: Path) -> Iterator[Curves]:
    for path in sorted(folder.glob("*.npz")):
        yield TaskSet(path)


def lcbench(folder: Path) -> Iterator[Curves]:
    for task in LCBENCH:
        yield LCBench(folder, task)


def lcdb(folder: Path, *, sets: int = 24) -> Iterator[Curves]:
    """The first data sets by number in which at least 15 learners were trained on at least 1,024
    rows.
    """
    scores: dict[int, dict[str, dict[int, list[float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    with (folder / "database-accuracy.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            size, valid = int(row[2]), row[-2]
            if size & (size - 1) == 0 and valid:
                scores[int(row[0])][row[1]][size].append(float(valid))
    found = 0
    for number in sorted(scores):
        full = _full(scores[number])
        if full < 1024 or found == sets:
            continue
        found += 1
        errors = {
            learner: {s: 1.0 - float(np.mean(v)) for s, v in by_size.items() if s <= full}
            for learner, by_size in scores[number].items()
        }
        yield LCDB(f"lcdb-{number}", errors)


def _full(learners: Mapping[str, Mapping[int, list[float]]]) -> int:
    """The largest size at which 15 learners were trained; 0: there is none."""
    sizes = {s for by_size in learners.values() for s in by_size}
    enough = [s for s in sizes if sum(s in e for e in learners.values()) >= 15]
    return max(enough, default=0)
