"""Random, grid and Sobol search: the references."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Sequence

from benchmarks.rivals.base import Point, Result, Rival, installed, serve


class Random(Rival):
    """Independent uniform points."""

    expresses = ("conditional", "constraints", "batch")

    @staticmethod
    def version() -> str:
        return "random 1"

    def start(self) -> None:
        self.rng = random.Random(f"random {self.task.seed}")

    def ask(self, n: int) -> list[Point]:
        space = self.task.space
        return [space.from_unit([self.rng.random() for _ in space.parameters]) for _ in range(n)]

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        pass


class Grid(Random):
    """The largest full grid that fits the budget, in random order; then finer ones."""

    @staticmethod
    def version() -> str:
        return "grid 1"

    def start(self) -> None:
        super().start()
        self.points = self._stream()

    def _stream(self) -> itertools.chain[Point]:
        start = max(2, int(self.task.budget ** (1.0 / len(self.task.space.parameters))))
        return itertools.chain.from_iterable(self._grid(k) for k in itertools.count(start))

    def _grid(self, levels: int) -> list[Point]:
        """At most 100,000 points with ``levels`` values a parameter, shuffled, none twice."""
        space = self.task.space
        counts = [int(min(p.n_levels, levels)) for p in space.parameters]
        axes = [
            [(i + 0.5) / c if c == p.n_levels else i / (c - 1) for i in range(c)]
            for p, c in zip(space.parameters, counts, strict=True)
        ]
        total = 1
        for c in counts:
            total *= c
        chosen = self.rng.sample(range(total), min(total, 100_000))
        unique = {}
        for number in chosen:
            code, u = number, []
            for axis in axes:
                code, i = divmod(code, len(axis))
                u.append(axis[i])
            point = space.from_unit(u)
            unique[space.key(point)] = point
        return list(unique.values())

    def ask(self, n: int) -> list[Point]:
        return list(itertools.islice(self.points, n))


class Sobol(Random):
    """Scrambled Sobol points (SciPy)."""

    @staticmethod
    def version() -> str:
        return installed("scipy")

    def start(self) -> None:
        from scipy.stats import qmc

        self.engine = qmc.Sobol(len(self.task.space.parameters), scramble=True, rng=self.task.seed)

    def ask(self, n: int) -> list[Point]:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # n need not be a power of two
            return [
                self.task.space.from_unit([float(v) for v in u]) for u in self.engine.random(n)
            ]


if __name__ == "__main__":
    kind = {"random": Random, "grid": Grid, "sobol": Sobol}[sys.argv[1]]
    serve(kind, kind.version)
