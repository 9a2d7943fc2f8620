"""Gaussian approximations of a latent function that is seen through yes or no only.

``P(yes) = Phi(f / sqrt(v))`` with ``f = m + g`` and ``g`` a Gaussian process. Laplace's
approximation is cheap and gives an evidence to compare hyperparameters by, but it is drawn to the
mode: where answers are clear the likelihood is flat there, and a hundred successes teach it
little. Expectation propagation matches moments instead (the better by far: Kuss & Rasmussen 2005)
and costs several times as much. Both end in Gaussian pseudo-observations, so that the posterior
is that of a Gaussian process regression.

Notation: ``t`` is f for a yes and -f for a no; ``a = inverse(K) g``; ``W`` the negative second
derivatives of the log likelihood ``log Phi(t / sqrt(v))``; ``B = I + sqrt(W) K sqrt(W)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import acquisition
from bayesopt.surrogate.cholesky import lapack, regression

Floats = NDArray[np.float64]

_FLAT = 1e-8  # least curvature of the log likelihood
_MAX_STEPS = 50
_MAX_HALVINGS = 10
_MAX_SWEEPS = 100
_DAMPING = 0.8


@dataclass(frozen=True, eq=False)
class ProbitData:
    """Binary labels at n points, and the prior of the latent function.

    Attributes
    ----------
    sign : (n,) 1 for yes, -1 for no.
    K : (n, n) prior covariance of the latent function.
    m : prior mean of the latent function.
    v : variance of the link; the smaller, the more does the latent function alone decide.
    """

    sign: Floats
    K: Floats
    m: float
    v: float

    def log_likelihood(
        self, g: Floats, spread: Floats | float = 0.0
    ) -> tuple[float, Floats, Floats]:
        """Log probability of the labels, its slopes and negative second derivatives (n,) in g.

        Where g has the variance ``spread`` instead of being known, of the average probability.
        """
        t, var = self.sign * (self.m + g), np.full(len(g), self.v) + spread
        logs, d_mean, d_var = np.empty(len(t)), np.empty((len(t), 1)), np.empty(len(t))
        acquisition.log_feasible_slopes(-t[:, None], var, logs, d_mean, d_var)
        slope = -d_mean[:, 0]  # in t; Rasmussen & Williams 2006, eq. 3.16
        curvature = np.maximum(slope * (slope + t / var), _FLAT)
        return float(logs.sum()), self.sign * slope, curvature


@dataclass(frozen=True, eq=False)
class SiteApproximation:
    """Gaussian observations that stand for the labels.

    Attributes
    ----------
    y, noise : (n,) values of the latent function less its prior mean, and their noise variances.
    """

    y: Floats
    noise: Floats


@dataclass(frozen=True, eq=False)
class LaplaceState:
    """Values of the latent function at the points, with what its posterior density is there.

    Attributes
    ----------
    a : (n,) ``inverse(K) g``; at the mode equal to ``slope``.
    g : (n,) the latent function less its prior mean.
    slope, curvature : (n,) first and negative second derivatives of the log likelihood; W.
    height : log posterior density up to a constant.
    """

    a: Floats
    g: Floats
    slope: Floats
    curvature: Floats
    height: float

    @classmethod
    def at(cls, a: Floats, answers: ProbitData) -> LaplaceState:
        """The latent function ``K a``."""
        g = answers.K @ a
        value, slope, curvature = answers.log_likelihood(g)
        return cls(a, g, slope, curvature, value - 0.5 * float(a @ g))

    def newton_step(self, K: Floats) -> tuple[Floats, float]:
        """Newton's step in ``a`` and half the log determinant of B."""
        root = np.sqrt(self.curvature)
        B = K * root[:, None] * root
        B.flat[:: len(B) + 1] += 1.0
        factor, _ = lapack.dpotrf(B.T, lower=0, overwrite_a=1, clean=0)  # B >= I: cannot fail
        b = self.curvature * self.g + self.slope
        inner, _ = lapack.dpotrs(factor, root * (K @ b), lower=0)
        return b - root * inner - self.a, float(np.log(factor.diagonal()).sum())

    @property
    def sites(self) -> SiteApproximation:
        """Observations with which a regression has Laplace's posterior, at the mode."""
        return SiteApproximation(self.g + self.slope / self.curvature, 1.0 / self.curvature)


def laplace(
    answers: ProbitData, start: Floats, *, tolerance: float = 1e-12
) -> tuple[LaplaceState, float]:
    """Posterior mode and log evidence, by Newton's iteration with its steps halved if need be.

    Rasmussen & Williams 2006, Alg. 3.1.

    Parameters
    ----------
    answers : n answers.
    start : (n,) first ``a``.
    tolerance : gain in the log posterior at which to stop.
    """
    here = LaplaceState.at(start, answers)
    for _ in range(_MAX_STEPS):
        step, half_log_det = here.newton_step(answers.K)
        for halving in range(_MAX_HALVINGS):
            there = LaplaceState.at(here.a + 0.5**halving * step, answers)
            gain = there.height - here.height
            if gain >= 0.0:
                here = there
                break
        if gain < tolerance:
            break
    return here, here.height - half_log_det


def propagate(
    answers: ProbitData, sites: SiteApproximation, *, tolerance: float = 1e-4
) -> SiteApproximation:
    """Expectation propagation from a start, all points at once, damped.

    A point's cavity, the posterior without its own answer, is its leave-one-out prediction.
    Matching the moments of cavity times likelihood (Rasmussen & Williams 2006, eq. 3.58-3.59) is
    then Laplace's formula at the cavity's mean, with the cavity's variance added to the link's.

    Parameters
    ----------
    answers : n answers.
    sites : where to start, such as Laplace's.
    tolerance : change of the observations' natural parameters at which to stop, relative to the
        largest of them.
    """
    natural = _natural(sites)
    damping, last = _DAMPING, np.inf
    for _ in range(_MAX_SWEEPS):
        wanted = _natural(
            _sweep(answers, SiteApproximation(natural[1] / natural[0], 1.0 / natural[0]))
        )
        change = float((np.abs(wanted - natural).max(axis=1) / np.abs(wanted).max(axis=1)).max())
        if change > last:  # it swings
            damping = max(0.5 * damping, 0.1)
        natural, last = natural + damping * (wanted - natural), change
        if change < tolerance:
            break
    return SiteApproximation(natural[1] / natural[0], 1.0 / natural[0])


def _sweep(answers: ProbitData, sites: SiteApproximation) -> SiteApproximation:
    A = answers.K.copy()
    A.flat[:: len(A) + 1] += sites.noise
    alpha, _, inverse = regression(A, sites.y)
    left_out = 1.0 / inverse.diagonal()  # Rasmussen & Williams 2006, eq. 5.12
    mean = sites.y - alpha * left_out
    var = np.maximum(left_out - sites.noise, 0.0)
    _, slope, curvature = answers.log_likelihood(mean, var)
    return SiteApproximation(mean + slope / curvature, 1.0 / curvature - var)


def _natural(sites: SiteApproximation) -> Floats:
    """(2, n) precisions, and precisions times values."""
    return np.array([1.0 / sites.noise, sites.y / sites.noise])
