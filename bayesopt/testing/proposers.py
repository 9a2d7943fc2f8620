"""The contract of a proposer: inherit the class, say which, and every law is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayesopt.acquisition import AcquisitionContext, Feasibility, LogEI, Score
from bayesopt.proposal import (
    ModelReliability,
    ProposalContext,
    Proposer,
    SpaceExhausted,
    next_point,
)
from bayesopt.space import Constant, Space
from bayesopt.surrogate import Posterior
from bayesopt.testing.spaces import ALL, each_space, named, some_points

law = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.differing_executors]
)
seeds = st.integers(0, 10**6)


class Hills(Score):
    """A score over any space with many maxima; every column matters."""

    def __init__(self, space: Space, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._free = ~space.is_categorical
        self._waves, self._labels = 6.0 * rng.random(space.n_columns), rng.random(500)

    def values(self, coords: np.ndarray) -> np.ndarray:
        numbers = np.where(self._free, np.nan_to_num(coords, nan=0.37), 0.0)
        codes = np.where(self._free, 0, np.nan_to_num(coords, nan=499)).astype(int)
        return np.asarray(
            np.sin(self._waves * numbers).sum(axis=1) + self._labels[codes].sum(axis=1)
        )

    def values_with_gradient(self, coords: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gradient = self._waves * np.cos(self._waves * coords)
        return self.values(coords), np.where(self._free & ~np.isnan(coords), gradient, 0.0)


class Cliff(Hills):
    """As far as one can see, every point is impossible."""

    def values(self, coords: np.ndarray) -> np.ndarray:
        return np.full(len(coords), -np.inf)


class Plain(Hills):
    """Nothing is known: every point is as good as any other."""

    def values(self, coords: np.ndarray) -> np.ndarray:
        return np.zeros(len(coords))

    def values_with_gradient(self, coords: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(len(coords)), np.zeros(coords.shape)


class Given(LogEI):
    """An acquisition whose score is given."""

    def __init__(self, score: Score) -> None:
        self._given = score

    def bind(self, *_: object) -> Score:
        return self._given


def context(
    space: Space,
    *,
    taken: np.ndarray | None = None,
    centers: np.ndarray | None = None,
    score: Score | None = None,
    seed: int = 0,
    number: int = 0,
    constrained: bool = False,
    reliability: ModelReliability = ModelReliability.RELIABLE,
) -> ProposalContext:
    """What a proposer is told; the score is made up."""
    nothing = np.empty((0, space.n_columns))
    used = score if score is not None else Hills(space)
    constraints = (Feasibility(Posterior((), np.empty(0)), 0.0),) if constrained else ()
    return ProposalContext(
        space,
        nothing if taken is None else taken,
        nothing if centers is None else centers,
        np.random.default_rng(seed),
        number,
        7,
        Given(used),
        AcquisitionContext(None, (), constraints),
        reliability,
    )


def check(found: np.ndarray, what: ProposalContext) -> None:
    """Legal, allowed and not taken."""
    space = what.space
    assert found.shape == (space.n_columns,)
    np.testing.assert_array_equal(space.snap(found[None])[0], found)
    assert space.allowed(found[None])[0]
    if len(what.taken):
        assert not space.same(found[None], what.taken).any()
    space.validate(space.decode(space.to_rows(found[None])[0]))


class ProposerLaws:
    """Subclasses give ``proposer``."""

    def proposer(self) -> Proposer:
        """The proposer; a new one at each call."""
        raise NotImplementedError

    def propose(self, space: Space, **options: Any) -> np.ndarray:
        what = context(space, **options)
        found = next_point(self.proposer(), what)[0]
        check(found, what)
        return found

    @law
    @given(each_space, seeds, st.integers(0, 12), st.booleans(), st.sampled_from(ModelReliability))
    def test_points_are_legal_allowed_and_new(
        self, name: str, seed: int, known: int, constrained: bool, reliability: ModelReliability
    ) -> None:
        taken = some_points(named(name), known, seed)
        what = {"taken": taken, "centers": taken[::2], "constrained": constrained}
        what["reliability"] = reliability
        self.propose(named(name), seed=seed, number=len(taken), **what)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_the_same_stream_gives_the_same_point(self, name: str) -> None:
        taken = some_points(named(name), 8, 1)
        one, other = (
            self.propose(named(name), taken=taken, centers=taken, seed=2) for _ in range(2)
        )
        np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_twelve_in_a_row_differ(self, name: str) -> None:
        space = named(name)
        taken = np.empty((0, space.n_columns))
        for number in range(12):
            what = {"taken": taken, "centers": taken, "seed": number, "number": number}
            found = self.propose(
                space, **what, reliability=list(ModelReliability)[number // 4 % 3]
            )
            taken = np.concatenate([taken, found[None]])

    @pytest.mark.parametrize("score", [Cliff, Plain])
    @pytest.mark.parametrize("name", sorted(ALL))
    def test_scores_that_say_nothing(self, name: str, score: type[Hills]) -> None:
        space = named(name)
        taken = some_points(space, 4, 3)
        self.propose(space, taken=taken, centers=taken, score=score(space))
        self.propose(space, score=score(space))

    @pytest.mark.parametrize("name", ["discrete", "table"])
    def test_every_point_is_found_before_the_space_is_exhausted(self, name: str) -> None:
        space = named(name)
        every = space.enumerate()
        taken = np.empty((0, space.n_columns))
        for number in range(len(every)):
            what = {"taken": taken, "centers": taken, "seed": number, "number": number}
            found = self.propose(
                space, **what, reliability=list(ModelReliability)[number // 4 % 3]
            )
            taken = np.concatenate([taken, found[None]])
        assert space.same(every, taken).any(axis=1).all()
        with pytest.raises(SpaceExhausted):
            self.propose(space, taken=taken, centers=taken)

    def test_the_last_open_point_is_found(self) -> None:
        space = Space.from_json(
            {
                "parameters": [
                    {"name": "a", "type": "int", "low": 0, "high": 9},
                    {"name": "b", "type": "categorical", "choices": [*range(40)]},
                ]
            }
        )
        every = space.enumerate()
        found = self.propose(space, taken=np.delete(every, 123, axis=0))
        assert space.same(found[None], every[[123]]).all()

    def test_a_space_of_one_point(self) -> None:
        space = Space(x=Constant(3.0), y=Constant("a"))
        found = self.propose(space)
        with pytest.raises(SpaceExhausted):
            self.propose(space, taken=found[None], centers=found[None])
