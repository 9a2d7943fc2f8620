"""The contract of a surrogate: inherit the class, say which, and every law is checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayesopt.surrogate import Fitted, Observations, Surrogate
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import ALL, columns_of, each_space, named, some_points

# one law is run by every subclass: that is what differing executors are
law = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.differing_executors]
)
seeds = st.integers(0, 10**6)
odd_values = st.lists(
    st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1e300, -1e300, 1e-300, 1.0]),
    min_size=1,
    max_size=9,
)


def objective(name: str, points: np.ndarray) -> np.ndarray:
    """Some values (n,) that every column matters for."""
    space = named(name)
    u = np.where(np.isnan(points), -0.3, points)
    u = np.where(space.is_categorical, np.cos(3.0 * u), u)
    return np.asarray(((u - 0.4) ** 2).sum(axis=1) + 0.2 * np.sin(5.0 * u).sum(axis=1))


@cache
def _fitted(laws: Any, name: str) -> Fitted:
    points = some_points(named(name), 12, 1)
    fitted: Fitted = laws().fit(name, points, objective(name, points))
    return fitted


class SurrogateLaws:
    """Subclasses give ``surrogate``."""

    def surrogate(self) -> Surrogate:
        """The surrogate; a new one at each call."""
        raise NotImplementedError

    def fit(
        self,
        name: str,
        points: np.ndarray,
        values: np.ndarray,
        *,
        state: Mapping[str, Any] | None = None,
        deterministic: bool = True,
    ) -> Fitted:
        data = Observations(points, values, np.full(len(values), np.nan), deterministic)
        rng = np.random.default_rng(5)
        return self.surrogate().fit(columns_of(named(name)), data, state=state, rng=rng)

    def fitted(self, name: str) -> Fitted:
        laws: Any = type(self)  # for mypy, a class is not Hashable
        return _fitted(laws, name)

    @law
    @given(each_space, odd_values)
    def test_any_finite_values_give_finite_moments(self, name: str, values: list[float]) -> None:
        points = some_points(named(name), len(values), 2)
        y = np.array(values[: len(points)])
        fitted = self.fit(name, points, y)
        mean, var = fitted.posterior.mean_var(some_points(named(name), 20, 3))
        assert np.isfinite(mean).all()
        assert np.isfinite(var).all()
        assert (var >= 0.0).all()
        assert np.isfinite(fitted.transform.inverse(mean)).all()
        assert math.isfinite(fitted.posterior.noise_variance)
        json.dumps([dict(fitted.state), dict(fitted.diagnostics)], allow_nan=False)

    @law
    @given(each_space, seeds)
    def test_the_same_arguments_give_the_same_fit(self, name: str, seed: int) -> None:
        points = some_points(named(name), 9, seed)
        values = objective(name, points)
        kept = points.copy(), values.copy()
        one, other = self.fit(name, points, values), self.fit(name, points, values)
        new = some_points(named(name), 20, seed + 1)
        for a, b in zip(one.posterior.mean_var(new), other.posterior.mean_var(new), strict=True):
            np.testing.assert_array_equal(a, b)
        assert dict(one.state) == dict(other.state)
        np.testing.assert_array_equal(points, kept[0])
        np.testing.assert_array_equal(values, kept[1])

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_a_state_survives_storage(self, name: str) -> None:
        """A run that was reloaded continues as the undisturbed one."""
        points = some_points(named(name), 16, 4)
        values = objective(name, points)
        state: Mapping[str, Any] | None = None
        stored: Mapping[str, Any] | None = None
        for n in (3, 8, 9, len(points)):
            one = self.fit(name, points[:n], values[:n], state=state)
            other = self.fit(name, points[:n], values[:n], state=stored)
            state, stored = one.state, json.loads(json.dumps(dict(other.state)))
            for a, b in zip(
                one.posterior.mean_var(points), other.posterior.mean_var(points), strict=True
            ):
                np.testing.assert_array_equal(a, b)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_noise_free_data_are_met(self, name: str) -> None:
        points = some_points(named(name), 12, 6)
        values = objective(name, points)
        fitted = self.fit(name, points, values)
        mean, var = fitted.posterior.mean_var(points)
        error = fitted.transform.inverse(mean) - values
        # outliers on the bad side may be clipped: the good half counts
        good = values <= np.median(values)
        assert np.abs(error[good]).max() < 0.02 * np.ptp(values)
        assert np.median(var) < 0.05

    @pytest.mark.parametrize("name", ["mixed", "conditional", "stepped"])
    def test_gradients_of_the_moments(self, name: str) -> None:
        space = named(name)
        new = some_points(space, 15, 7)
        inside = np.where(space.is_categorical, new, np.clip(new, 0.01, 0.99))
        free = ~np.isnan(inside) & ~space.is_categorical
        for component in self.fitted(name).posterior.components:
            m = component.predict(inside, slopes=True)
            assert m.pullback is not None

            def score(x: np.ndarray, c: Any = component) -> np.ndarray:
                found = c.predict(x)
                return np.asarray(2.0 * found.mean[:, 0] - 3.0 * found.var)

            gradient = m.pullback(np.full(m.mean.shape, 2.0), np.full(len(inside), -3.0))
            expected = slopes_in_points(score, inside)
            np.testing.assert_allclose(gradient[free], expected[free], rtol=1e-4, atol=1e-5)
            assert (gradient[~free] == 0.0).all()

    @law
    @given(each_space, seeds)
    def test_joint_moments_agree_with_the_single_ones(self, name: str, seed: int) -> None:
        new = some_points(named(name), 8, seed)
        for component in self.fitted(name).posterior.components:
            moments, (mean, covariance) = component.predict(new), component.joint(new)
            np.testing.assert_allclose(mean, moments.mean, atol=1e-6)
            np.testing.assert_allclose(covariance.diagonal(), moments.var, atol=1e-6)
            np.testing.assert_allclose(covariance, covariance.T, atol=1e-9)
            assert np.linalg.eigvalsh(covariance).min() > -1e-6

    @law
    @given(each_space, seeds)
    def test_cheap_bounds_are_bounds(self, name: str, seed: int) -> None:
        new = some_points(named(name), 10, seed)
        for component in self.fitted(name).posterior.components:
            exact, bound = component.predict(new), component.predict_bound(new)
            np.testing.assert_allclose(bound.mean, exact.mean, atol=1e-9)
            assert (bound.var >= exact.var - 1e-9).all()

    @law
    @given(each_space, seeds)
    def test_knowing_more_never_makes_less_sure(self, name: str, seed: int) -> None:
        new, pending = some_points(named(name), 10, seed), some_points(named(name), 2, seed + 1)
        normals = np.random.default_rng(seed).standard_normal((len(pending), 4))
        posterior = self.fitted(name).posterior
        conditioned = posterior.condition_on_pending(pending, normals)
        for before, after in zip(posterior.components, conditioned.components, strict=True):
            a, b = before.predict(new), after.predict(new)
            assert b.mean.shape == (len(new), 4)
            assert (b.var <= a.var + 1e-8).all()
            there = after.predict(pending).var
            noise = before.noise_variance
            assert (there <= before.predict(pending).var + 1e-9).all()
            assert (there <= noise + 1e-6).all()

    @law
    @given(each_space, odd_values)
    def test_constraints_keep_their_side_of_the_limit(
        self, name: str, values: list[float]
    ) -> None:
        points = some_points(named(name), len(values), 8)
        y = np.array(values[: len(points)])
        data = Observations(points, y, np.full(len(y), np.nan), constraint=True)
        fitted = self.surrogate().fit(
            columns_of(named(name)), data, state=None, rng=np.random.default_rng(0)
        )
        z, limit = fitted.transform.forward(y), fitted.transform.forward(np.zeros(1))[0]
        assert math.isfinite(limit)
        assert (z[y <= 0.0] <= limit + 1e-9).all()
        assert (z[y > 0.0] >= limit - 1e-9).all()
