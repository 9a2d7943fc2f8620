"""The contract of a plug-in: another tool's run, whose points this package proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.testing.spaces import named

Results = list[tuple[dict[str, Any], float]]


def bowl(params: Mapping[str, Any]) -> float:
    """Least, 0, at x = 0.3 and kind = "b"."""
    return float((params["x"] - 0.3) ** 2 + (params["kind"] != "b"))


class PlugInLaws:
    """Subclasses give ``run``, and other ``spaces`` where the host cannot express these."""

    spaces: tuple[str, ...] = ("mixed", "conditional", "stepped", "discrete")

    def run(
        self, space: bo.Space, objective: Callable[[dict[str, Any]], float], n: int, seed: int
    ) -> Results:
        """Minimise by the host: n evaluations; the points with their values, in order."""
        raise NotImplementedError

    def searched(self, name: str, n: int, seed: int = 0) -> Results:
        """A run over one of the example spaces."""
        space = named(name)
        return self.run(space, lambda p: float(len(repr(p)) % 7), n, seed)

    @pytest.mark.parametrize("name", ["mixed", "conditional", "stepped", "discrete"])
    def test_points_are_legal_and_new(self, name: str) -> None:
        if name not in self.spaces:
            pytest.skip("the host cannot express it")
        space, results = named(name), self.searched(name, 12)
        assert len(results) == 12
        coords = space.to_coords([space.encode(params) for params, _ in results])
        for params, value in results:
            space.validate(params)
            assert value == float(len(repr(params)) % 7)
        assert (space.same(coords, coords).sum(axis=1) == 1).all()

    def test_the_same_seed_gives_the_same_points(self) -> None:
        name = self.spaces[0]
        assert self.searched(name, 12, seed=3) == self.searched(name, 12, seed=3)
        assert self.searched(name, 3, seed=3) != self.searched(name, 3, seed=4)

    def test_results_are_used(self) -> None:
        """Of 20 evaluations after each other, the best is nearer than luck would have it."""
        space = bo.Space(x=bo.Float(0.0, 1.0), kind=bo.Categorical(["a", "b", "c"]))
        best = [min(value for _, value in self.run(space, bowl, 20, seed)) for seed in range(3)]
        assert sorted(best)[1] < 1e-4
