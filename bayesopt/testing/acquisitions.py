"""The contract of an acquisition: inherit the class, say which, and every law is checked."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayesopt.acquisition import Acquisition, AcquisitionContext, Feasibility, Score
from bayesopt.surrogate import GaussianProcess, Hyperparameters, Posterior
from bayesopt.surrogate.covariance import as_covariance, bind
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import ALL, columns_of, each_space, named, some_points

law = settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.differing_executors]
)
seeds = st.integers(0, 10**6)


@cache
def process(name: str, stretch: float = 1.0, n: int = 10) -> GaussianProcess:
    """A Gaussian process over one of the example spaces, at made-up hyperparameters."""
    space = named(name)
    columns = columns_of(space)
    points = some_points(space, n, 11)
    values = np.sin(3.0 * np.nan_to_num(points, nan=-1.0).sum(axis=1))
    g, h = len(columns.numeric), len(columns.categories)
    theta = [1.2, 0.01, *[0.5 * stretch] * g, *[0.8 * stretch] * h]
    covariance = bind(as_covariance("matern52"), columns)
    return GaussianProcess.fit(Hyperparameters(covariance, np.log(theta)), points, values)


def beliefs(
    name: str, *, draws: int = 1, fantasies: int = 1, constrained: bool = False, known: bool = True
) -> AcquisitionContext:
    """A posterior state of a run in one of the example spaces."""
    posterior = Posterior(
        tuple(process(name, 1.0 + 0.7 * i) for i in range(draws)),
        np.arange(1.0, draws + 1) / np.arange(1.0, draws + 1).sum(),
    )
    if fantasies > 1:
        pending = some_points(named(name), 2, 12)
        normals = np.random.default_rng(13).standard_normal((len(pending), fantasies))
        posterior = posterior.condition_on_pending(pending, normals)
    evaluated = some_points(named(name), 10, 11)
    incumbents = tuple(c.predict(evaluated).mean.min(axis=0) for c in posterior.components)
    probabilities = (Feasibility(Posterior.single(process(name, 1.3)), 0.2),) * constrained
    if not known:
        return AcquisitionContext(None, (), probabilities)
    return AcquisitionContext(posterior, incumbents, probabilities)


class AcquisitionLaws:
    """Subclasses give ``acquisition``."""

    def acquisition(self) -> Acquisition:
        """The acquisition; a new one at each call."""
        raise NotImplementedError

    def bound(self, name: str, **options: Any) -> Score:
        candidates = some_points(named(name), 60, 14)
        rng = np.random.default_rng(15)
        return self.acquisition().bind(beliefs(name, **options), candidates, rng)

    @law
    @given(
        each_space,
        seeds,
        st.integers(1, 3),
        st.sampled_from([1, 5]),
        st.booleans(),
    )
    def test_scores_are_numbers(
        self, name: str, seed: int, draws: int, fantasies: int, constrained: bool
    ) -> None:
        score = self.bound(name, draws=draws, fantasies=fantasies, constrained=constrained)
        points = np.concatenate(
            [some_points(named(name), 20, seed), some_points(named(name), 3, 11)]
        )
        values = score.values(points)
        assert values.shape == (len(points),)
        assert not np.isnan(values).any()
        again, gradient = score.values_with_gradient(points)
        np.testing.assert_allclose(again, values, rtol=1e-9, atol=1e-9)
        assert gradient.shape == points.shape
        assert np.isfinite(gradient).all()
        assert (gradient[:, named(name).is_categorical] == 0.0).all()
        assert (gradient[np.isnan(points)] == 0.0).all()

    @pytest.mark.parametrize("name", ["mixed", "conditional", "stepped"])
    @pytest.mark.parametrize("options", [{}, {"draws": 3, "fantasies": 4, "constrained": True}])
    def test_gradients(self, name: str, options: dict[str, Any]) -> None:
        space = named(name)
        score = self.bound(name, **options)
        points = some_points(space, 15, 16)
        inside = np.where(space.is_categorical, points, np.clip(points, 0.02, 0.98))
        free = ~np.isnan(inside) & ~space.is_categorical
        _, gradient = score.values_with_gradient(inside)
        expected = slopes_in_points(score.values, inside)
        scale = max(1.0, float(np.abs(expected[free]).max()))
        np.testing.assert_allclose(gradient[free], expected[free], rtol=1e-4, atol=1e-6 * scale)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_a_point_scores_the_same_in_any_company(self, name: str) -> None:
        score = self.bound(name, draws=2, constrained=True)
        points = some_points(named(name), 12, 17)
        together = score.values(points)
        alone = np.concatenate([score.values(points[[i]]) for i in range(len(points))])
        np.testing.assert_allclose(together, alone, rtol=1e-10, atol=1e-10)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_cheap_scores_are_numbers_too(self, name: str) -> None:
        score = self.bound(name, draws=2, constrained=True)
        points = some_points(named(name), 12, 17)
        assert score.optimistic_values(points).shape == (len(points),)
        assert not np.isnan(score.optimistic_values(points)).any()

    @law
    @given(seeds, st.sampled_from([1, 4]))
    def test_a_lower_mean_never_scores_less(self, seed: int, fantasies: int) -> None:
        rng = np.random.default_rng(seed)
        mean = 3.0 * rng.standard_normal((20, fantasies))
        var, best = rng.gamma(0.3, size=20), rng.standard_normal(fantasies)
        score = self.acquisition().score(mean, var, best)
        lower = self.acquisition().score(mean - rng.random((20, 1)), var, best)
        assert (lower >= score - 1e-12 * np.abs(score)).all()

    @law
    @given(seeds, st.sampled_from([1, 4]))
    def test_where_nothing_is_uncertain(self, seed: int, fantasies: int) -> None:
        """A surrogate may be sure of a point that it has seen."""
        rng = np.random.default_rng(seed)
        mean, var = rng.standard_normal((6, fantasies)), np.zeros(6)
        best = rng.standard_normal(fantasies)
        value, d_mean, d_var = self.acquisition().score_slopes(mean, var, best)
        assert not np.isnan(self.acquisition().score(mean, var, best)).any()
        assert not np.isnan(value).any()
        assert not np.isnan(d_mean).any()
        assert not np.isnan(d_var).any()

    @law
    @given(seeds, st.sampled_from([1, 4]))
    def test_slopes_in_the_moments(self, seed: int, fantasies: int) -> None:
        rng = np.random.default_rng(seed)
        mean = rng.standard_normal((8, fantasies))
        var, best = 0.05 + rng.random(8), rng.standard_normal(fantasies)
        acquisition = self.acquisition()
        value, d_mean, d_var = acquisition.score_slopes(mean, var, best)
        np.testing.assert_allclose(value, acquisition.score(mean, var, best), rtol=1e-12)
        h = 1e-5
        by_var = (
            acquisition.score(mean, var + h, best) - acquisition.score(mean, var - h, best)
        ) / (2 * h)
        np.testing.assert_allclose(d_var, by_var, rtol=1e-4, atol=1e-7)
        for f in range(fantasies):
            e = h * (np.arange(fantasies) == f)
            by_mean = (
                acquisition.score(mean + e, var, best) - acquisition.score(mean - e, var, best)
            ) / (2 * h)
            np.testing.assert_allclose(d_mean[:, f], by_mean, rtol=1e-4, atol=1e-7)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_with_nothing_feasible_known_feasibility_alone_counts(self, name: str) -> None:
        score = self.bound(name, constrained=True, known=False)
        points = some_points(named(name), 15, 18)
        (feasible,) = beliefs(name, constrained=True).probabilities
        values, gradient = feasible.log_probability_with_gradient(points)
        np.testing.assert_array_equal(score.values(points), feasible.log_probability(points))
        found, found_gradient = score.values_with_gradient(points)
        np.testing.assert_array_equal(found, values)
        np.testing.assert_array_equal(found_gradient, gradient)

    def test_with_nothing_known_at_all_every_point_is_as_good(self) -> None:
        score = self.bound("mixed", known=False)
        points = some_points(named("mixed"), 15, 18)
        values, gradient = score.values_with_gradient(points)
        assert np.ptp(values) == 0.0
        assert np.ptp(score.values(points)) == 0.0
        assert (gradient == 0.0).all()

    def test_the_same_stream_gives_the_same_score(self) -> None:
        points = some_points(named("mixed"), 15, 19)
        one, other = self.bound("mixed", draws=2), self.bound("mixed", draws=2)
        np.testing.assert_array_equal(one.values(points), other.values(points))
