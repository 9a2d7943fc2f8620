"""The contract of a covariance: inherit the class, say which, and every law is checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bayesopt.surrogate import (
    Columns,
    Covariance,
    CovarianceTerm,
    GaussianProcess,
    Hyperparameter,
    Hyperparameters,
    NormalInLog,
    Priors,
    Radial,
)
from bayesopt.surrogate.covariance import BoundCovariance, bind
from bayesopt.surrogate.evidence import MEAN_VARIANCE, Evidence
from bayesopt.testing.formulas import Formulas

Floats = NDArray[np.float64]

law = settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.differing_executors]
)
seeds = st.integers(0, 2**31)


class CovarianceLaws:
    """Subclasses give ``covariance``, and other ``columns`` where it asks for parameters by name.

    Attributes
    ----------
    smooth : whether slopes exist everywhere, points that coincide included.
    """

    smooth = True

    def covariance(self) -> Covariance:
        """The covariance; a new one at each call."""
        raise NotImplementedError

    def columns(self) -> Columns:
        """Two numeric parameters, a categorical one, and a conditional one of each kind."""
        categorical = np.array([False, False, False, True, True])
        conditional = np.array([False, False, True, False, True])
        return Columns(categorical, conditional, ("a", "b", "c", "k", "m"))

    # ------------------------------------------------------------------ made up for the laws

    def bound(self) -> BoundCovariance:
        """The covariance over the columns."""
        return bind(self.covariance(), self.columns())

    def points(self, seed: int, n: int) -> Floats:
        """Coordinates (n, p), a third of the conditional ones inactive, the first two equal."""
        columns, rng = self.columns(), np.random.default_rng(seed)
        X = rng.random((n, len(columns.categorical)))
        X[:, columns.categorical] = np.floor(3 * X[:, columns.categorical])
        X[(rng.random(X.shape) < 0.3) & columns.conditional] = np.nan
        if n > 1:
            X[1] = X[0]
        return X

    def log_theta(self, seed: int, bound: BoundCovariance | None = None) -> Floats:
        """Hyperparameters near the centres of their priors."""
        prior = (bound or self.bound()).vector.prior(Priors(), deterministic=False)
        rng = np.random.default_rng(seed)
        drawn = prior.center + 0.5 * np.minimum(prior.sd, 1.0) * rng.standard_normal(
            len(prior.center)
        )
        return np.clip(drawn, prior.low + 1e-3, prior.high - 1e-3)

    def matrix(self, bound: BoundCovariance, log_theta: Floats, X: Floats, Y: Floats) -> Floats:
        """Covariances (n, m) of points with others."""
        at = bound.at(log_theta)
        return at.cross(at.points(X), at.points(Y))[0]

    # ------------------------------------------------------------------ values

    @law
    @given(seeds, st.integers(1, 9))
    def test_it_is_symmetric_and_positive_semi_definite(self, seed: int, n: int) -> None:
        X, log_theta = self.points(seed, n), self.log_theta(seed)
        K = self.matrix(self.bound(), log_theta, X, X)
        assert np.isfinite(K).all()
        np.testing.assert_allclose(K, K.T, rtol=1e-12, atol=1e-14)
        assert np.linalg.eigvalsh(K).min() >= -1e-10 * max(1.0, K.diagonal().max())

    @law
    @given(seeds, st.integers(1, 9))
    def test_prior_variances_are_the_diagonal(self, seed: int, n: int) -> None:
        X, at = self.points(seed, n), self.bound().at(self.log_theta(seed))
        K = at.cross(at.points(X), at.points(X))[0]
        found = np.broadcast_to(at.variance(at.points(X), 0.5), n)
        np.testing.assert_allclose(found, K.diagonal() + 0.5, rtol=1e-12)
        assert (K.diagonal() > 0.0).all()

    @law
    @given(seeds, st.integers(1, 7))
    def test_it_is_what_its_formulas_say(self, seed: int, n: int) -> None:
        bound, log_theta = self.bound(), self.log_theta(seed)
        X, Y = self.points(seed, n), self.points(seed + 1, 4)
        formulas = Formulas(bound, log_theta)
        expected = [[formulas.pair(x[None, :], y[None, :]) for y in Y] for x in X]
        found = self.matrix(bound, log_theta, X, Y)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)

    @law
    @given(seeds, st.integers(1, 9))
    def test_points_beside_themselves_are_points_beside_others(self, seed: int, n: int) -> None:
        bound, X, log_theta = self.bound(), self.points(seed, n), self.log_theta(seed)
        K = self.matrix(bound, log_theta, X, X) + 0.5
        fixed, varied = bound.at(log_theta).gram(X, 0.5)[0], np.zeros((n, n))
        bound.gram(X).evaluate(np.exp(log_theta), 0.5, out=varied)
        for lower in (fixed, varied):
            np.testing.assert_allclose(np.tril(lower), np.tril(K), rtol=1e-11, atol=1e-13)

    @law
    @given(seeds)
    def test_the_order_of_the_columns_does_not_matter(self, seed: int) -> None:
        bound, X = self.bound(), self.points(seed, 6)
        columns = bound.columns
        order = np.random.default_rng(seed).permutation(len(columns.categorical))
        names = tuple(columns.names[j] for j in order)
        embeddings = columns.embeddings and tuple(columns.embeddings[j] for j in order)
        moved = Columns(columns.categorical[order], columns.conditional[order], names, embeddings)
        other = bind(bound.tree, moved)
        log_theta = self.log_theta(seed)
        for p in bound.vector.placed:  # of several, all the same: whose is whose is another law
            log_theta[p.where] = log_theta[p.where][:1]
        K = self.matrix(bound, log_theta, X, X)
        np.testing.assert_allclose(
            self.matrix(other, log_theta, X[:, order], X[:, order]), K, rtol=1e-10, atol=1e-13
        )

    # ------------------------------------------------------------------ derivatives

    @law
    @given(seeds)
    def test_slopes_in_the_points(self, seed: int) -> None:
        bound, log_theta = self.bound(), self.log_theta(seed)
        X, Y = self.points(seed, 4)[1:], self.points(seed + 1, 5)
        if self.smooth:
            Y[0] = X[0]
        at, rng = bound.at(log_theta), np.random.default_rng(seed)
        X = np.where(bound.columns.categorical, X, 0.1 + 0.8 * X)
        G = rng.standard_normal((3, 5))
        found = bound.columns.pullback(
            X, at.cross(at.points(X), at.points(Y), MEAN_VARIANCE)[1](G)
        )
        step, free = 1e-5, ~bound.columns.categorical & ~np.isnan(X)
        for i, j in zip(*np.nonzero(free), strict=True):
            ends = []
            for sign in (1.0, -1.0):
                moved = X.copy()
                moved[i, j] += sign * step
                ends.append((G * self.matrix(bound, log_theta, moved, Y)).sum())
            scale = 1.0 + np.abs(ends).max()
            expected = (ends[0] - ends[1]) / (2 * step)
            np.testing.assert_allclose(found[i, j], expected, rtol=1e-4, atol=1e-5 * scale)
        assert (found[~free] == 0.0).all()

    @law
    @given(seeds)
    def test_gradients_in_the_hyperparameters(self, seed: int) -> None:
        """Of the evidence, whose value has a second route by NumPy."""
        bound, log_theta, n = self.bound(), self.log_theta(seed), 9
        X, rng = self.points(seed, n), np.random.default_rng(seed)
        y, noise = rng.standard_normal(n), 0.1 + 0.1 * rng.random(n)
        evidence = Evidence(bound, X, y, noise)
        value, gradient = evidence(log_theta)
        A = self.matrix(bound, log_theta, X, X) + MEAN_VARIANCE
        A += np.diag(noise + np.exp(log_theta[bound.vector.noise]))
        log_det = np.linalg.slogdet(A)[1]
        expected = 0.5 * (y @ np.linalg.solve(A, y) + log_det + n * math.log(2 * math.pi))
        np.testing.assert_allclose(value, expected, rtol=1e-9)
        step = 1e-4
        for t in range(len(log_theta)):
            shift = step * (np.arange(len(log_theta)) == t)
            slope = evidence(log_theta + shift)[0] - evidence(log_theta - shift)[0]
            np.testing.assert_allclose(gradient[t], slope / (2 * step), rtol=1e-4, atol=1e-5)

    # ------------------------------------------------------------------ composition

    @law
    @given(seeds)
    def test_a_sum_is_the_sum_of_its_parts(self, seed: int) -> None:
        bound, X = self.bound(), self.points(seed, 6)
        other = bind(Radial("rbf"), bound.columns)
        both = bind(bound.tree + Radial("rbf"), bound.columns)
        log_theta = self.log_theta(seed, both)
        own, rest = _split(both, bound, other, log_theta)
        expected = self.matrix(bound, own, X, X) + self.matrix(other, rest, X, X)
        found = self.matrix(both, log_theta, X, X)
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)

    @law
    @given(seeds)
    def test_a_product_is_the_product_of_its_parts(self, seed: int) -> None:
        bound, X = self.bound(), self.points(seed, 6)
        other = bind(Bell(), bound.columns)
        both = bind(bound.tree * Bell(), bound.columns)
        log_theta = self.log_theta(seed, both)
        named = both.vector.named(log_theta)
        own, rest = np.zeros(bound.vector.size), np.zeros(3)
        for p in bound.vector.placed:
            own[p.where] = np.log(named[p.name] if p.name in named else named["outputscale"])
        # in a product, the first summand of a sum has the product's variance, and those of the
        # others are multiplied by it
        variance = np.log(named[both.vector.placed[0].name])
        own[bound.vector.placed[0].where] = variance
        for s in bound.summands[1:]:
            if s.variance is not None:
                own[s.variance] += variance
        rest[other.vector.where["bell_width"]] = np.log(named["bell_width"])
        expected = self.matrix(bound, own, X, X) * self.matrix(other, rest, X, X)
        found = self.matrix(both, log_theta, X, X)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)

    # ------------------------------------------------------------------ use

    @law
    @given(seeds)
    def test_predictions_are_those_of_whole_matrices(self, seed: int) -> None:
        bound, log_theta, n = self.bound(), self.log_theta(seed), 8
        X, new = self.points(seed, n), self.points(seed + 1, 5)
        y, noise = np.random.default_rng(seed).standard_normal(n), np.full(n, 0.1)
        gp = GaussianProcess.fit(Hyperparameters(bound, log_theta), X, y, noise)
        K = self.matrix(bound, log_theta, X, X) + MEAN_VARIANCE
        A = K + np.diag(noise + gp.noise_variance)
        k = self.matrix(bound, log_theta, new, X) + MEAN_VARIANCE
        joint = self.matrix(bound, log_theta, new, new) + MEAN_VARIANCE
        joint -= k @ np.linalg.solve(A, k.T)
        moments = gp.predict(new)
        np.testing.assert_allclose(moments.mean[:, 0], k @ np.linalg.solve(A, y), atol=1e-9)
        np.testing.assert_allclose(moments.var, joint.diagonal(), rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(gp.joint(new)[1], joint, rtol=1e-7, atol=1e-9)
        assert (gp.predict_bound(new).var >= moments.var - 1e-9).all()

    def test_two_made_alike_are_equal_and_print_alike(self) -> None:
        """What a stored run says of it, and what is kept by it, must not depend on the object."""
        one, other = self.covariance(), self.covariance()
        assert one == other
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)
        assert " at 0x" not in repr(one)


class Bell(CovarianceTerm):
    """A term of another kind than any: of the numeric coordinates, without lengthscales."""

    def named(self) -> tuple[Any, ...]:
        return (Hyperparameter("bell_width", NormalInLog(0.7, 0.5, 0.05, 5.0)),)

    def value(self, x: Floats, y: Floats, bell_width: float) -> Floats:
        return np.asarray(1.0 / (1.0 + ((x - y) ** 2).sum(axis=-1) / bell_width**2))


def _split(
    both: BoundCovariance, one: BoundCovariance, other: BoundCovariance, log_theta: Floats
) -> tuple[Floats, Floats]:
    """The hyperparameters of a sum as those of its two parts, in their order."""
    rest = [log_theta[p.where] for p in both.vector.placed if p.name != "noise"]
    parts = []
    for part in (one, other):
        own = np.zeros(part.vector.size)
        for p in part.vector.placed:
            if p.name != "noise":
                own[p.where] = rest.pop(0)
        parts.append(own)
    return parts[0], parts[1]
