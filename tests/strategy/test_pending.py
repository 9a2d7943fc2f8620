"""Fantasies of pending points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from bayesopt import Float, ProposalConfig, RunData, Space
from bayesopt.strategy import Measured, Objective, fit
from bayesopt.strategy.pending import fantasy_normals, meets
from bayesopt.surrogate import Posterior, sample_joint
from bayesopt.surrogate.posterior import Component, Moments


@pytest.mark.parametrize("q", [1, 3, 7])
def test_fantasies_fall_once_into_each_quantile(q: int) -> None:
    normals = fantasy_normals(q, np.random.default_rng(q))
    assert normals.shape == (q, 32)
    assert np.isfinite(normals).all()
    cells = np.sort(np.floor(32 * ndtr(normals)), axis=1)
    np.testing.assert_array_equal(cells, np.tile(np.arange(32.0), (q, 1)))


def test_fantasies_of_different_points_and_streams_differ() -> None:
    a, b = (fantasy_normals(2, np.random.default_rng(s)) for s in (0, 1))
    assert not np.allclose(a, b)
    assert abs(np.corrcoef(a)[0, 1]) < 0.5
    np.testing.assert_array_equal(a, fantasy_normals(2, np.random.default_rng(0)))


def test_without_pending_points_there_is_nothing_to_draw() -> None:
    assert fantasy_normals(0, np.random.default_rng(0)).shape == (0, 32)


class Spike(Component):
    """A constraint known to be ``value`` everywhere."""

    noise_variance = 0.0

    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, coords: np.ndarray, *, slopes: bool = False) -> Moments:
        return Moments(np.full((len(coords), 1), self.value), np.zeros(len(coords)))

    def joint(self, coords: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full((len(coords), 1), self.value), np.zeros((len(coords), len(coords)))

    def condition(self, coords: np.ndarray, y: np.ndarray, noise: np.ndarray) -> Spike:
        return self


@pytest.mark.parametrize("weights", [[1.0], [0.25, 0.75], [0.5, 0.125, 0.375], [1 / 3] * 3])
@pytest.mark.parametrize("first", [-1.0, 1.0])
def test_every_component_says_by_its_weight_whether_a_constraint_is_met(weights, first):
    parts = tuple(Spike(first * (-1) ** i) for i in range(len(weights)))
    met = meets(Posterior(parts, np.array(weights)), np.zeros((2, 1)), np.zeros((2, 32)), 0.0)
    share = sum(w for w, part in zip(weights, parts, strict=True) if part.value <= 0)
    assert met.shape == (2, 32)
    np.testing.assert_allclose(met.mean(axis=1), share, atol=1 / 32)


def test_the_only_component_is_asked_about_all_fantasies_at_once():
    space = Space(x=Float(0, 1))
    X = np.linspace(0, 1, 6)[:, None]
    data = RunData.of(space, X, [Measured(Objective(), np.sin(6 * X[:, 0]))])
    (component,) = fit(data, ProposalConfig(0)).objective.posterior.components
    normals, pending = (
        fantasy_normals(3, np.random.default_rng(0)),
        np.array([[0.1], [0.5], [0.7]]),
    )
    expected = sample_joint(component, pending, normals) <= 0.1
    found = meets(Posterior.single(component), pending, normals, 0.1)
    np.testing.assert_array_equal(found, expected)
    assert 0 < found.mean() < 1
