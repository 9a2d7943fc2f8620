"""The model of failures: where in the space does an evaluation succeed?

A Gaussian process classifier: a latent function ``f = m + g``, ``g`` a Gaussian process of
outputscale 1 with an uncertain constant, and ``P(success) = Phi(f / sqrt(v))`` (Rasmussen &
Williams 2006, chapter 3). The prior mean ``m`` is such that an evaluation far from all data
succeeds with a given probability, so the model is defined, and of use, also while everything has
failed: success is then the more probable the further away.

Hyperparameters are chosen by Laplace's evidence, the posterior is expectation propagation's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import acquisition
from bayesopt.surrogate.covariance import BoundCovariance, bind
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.prior import Priors
from bayesopt.surrogate.probit import ProbitData, laplace, propagate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

_KERNEL = "matern52"
_PRIOR_SUCCESS = 0.9  # of an evaluation far from all data
# Common multiples of the lengthscales, and variances of the link: the smaller, the sharper the
# border of a failing region. A grid, because it costs little, has no starts and repeats exactly.
_MULTIPLES = (0.5, 1.0, 2.0, 4.0)
# While all have failed, the likeliest lengthscale is the longest (everything fails), and the most
# probable success then lies in a corner beside the last failure. Short ones lead on to what is
# unknown: a square of 1/25 of the plane was hit after 18 trials (median of 14: never with
# evidence, 16 here).
_MULTIPLE_OF_ONE_OUTCOME = 0.25
_LINK_VARIANCES = (1 / 4, 1 / 16, 1 / 64)
_LOG_SD = 1.0  # of the normal priors on log multiple, around 1, and on log variance, around 1/16
_MOST_POINTS = 400  # a border between two kinds of points needs fewer than a surface does
_MOST_COMPARED = 128  # points that hyperparameters are chosen by
_ROUGHLY = 1e-4  # nats gained by the last step while hyperparameters are compared
_NO_NOISE = 1e-12  # of the latent function: what is random is in the link


@dataclass(frozen=True, eq=False)
class SuccessModel:
    """Probability that an evaluation succeeds; make one with :meth:`fit`.

    Attributes
    ----------
    process : posterior of the latent function less its prior mean.
    prior_mean : of the latent function, m.
    link_variance : v; the smaller, the more does the place alone decide.
    evidence : Laplace's approximation of the log evidence.
    """

    process: GaussianProcess
    prior_mean: float
    link_variance: float
    evidence: float

    @classmethod
    def fit(cls, columns: Columns, coords: Floats, succeeded: Bools) -> SuccessModel:
        """Fit to evaluations at coordinates (n, p), n >= 1; all may have failed, or none.

        The result depends on the arguments only. Of very many evaluations some are left out.

        Parameters
        ----------
        columns : kinds of the p columns.
        coords : (n, p) evaluated points.
        succeeded : (n,) whether each evaluation succeeded.
        """
        kept = _subsample(succeeded, _MOST_POINTS)
        coords, succeeded = coords[kept], succeeded[kept]
        sign = np.where(succeeded, 1.0, -1.0)
        some = _subsample(succeeded, _MOST_COMPARED)
        covariance = bind(_KERNEL, columns)
        hyperparameters, v, near = _choose(covariance, coords[some], sign[some])
        start = np.zeros(len(sign))
        start[some] = near
        answers = ProbitData(sign, _gram(hyperparameters, coords), prior_mean(v), v)
        mode, evidence = laplace(answers, start, tolerance=_ROUGHLY)
        sites = propagate(answers, mode.sites)
        process = GaussianProcess.fit(hyperparameters, coords, sites.y, sites.noise)
        return cls(process, answers.m, v, evidence)

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p): ``log Phi(mu / sqrt(v + s²))``."""
        moments = self.process.predict(coords)
        t, var = self.prior_mean + moments.mean, self.link_variance + moments.var
        out, d_mean, d_var = np.empty(len(coords)), np.empty(t.shape), np.empty(len(coords))
        acquisition.log_feasible_slopes(-t, var, out, d_mean, d_var)
        return out

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p), 0 for categorical and inactive columns."""
        moments = self.process.predict(coords, slopes=True)
        assert moments.pullback is not None  # slopes were asked for
        t, var = self.prior_mean + moments.mean, self.link_variance + moments.var
        out, d_mean, d_var = np.empty(len(coords)), np.empty(t.shape), np.empty(len(coords))
        acquisition.log_feasible_slopes(-t, var, out, d_mean, d_var)
        return out, moments.pullback(-d_mean, d_var)


def prior_mean(link_variance: float) -> float:
    """Mean of the latent function at which a priori success has the probability it is given."""
    variance = link_variance + MEAN_VARIANCE + 1.0
    return NormalDist().inv_cdf(_PRIOR_SUCCESS) * math.sqrt(variance)


def _choose(
    covariance: BoundCovariance, coords: Floats, sign: Floats
) -> tuple[Hyperparameters, float, Floats]:
    """Hyperparameters and link variance of the highest density, and ``a`` of the mode there."""
    best: tuple[float, Hyperparameters, float, Floats] | None = None
    first = np.zeros(len(sign))  # a start is the mode of a neighbour in the grid
    both = sign.min() < sign.max()
    for multiple in _MULTIPLES if both else (_MULTIPLE_OF_ONE_OUTCOME,):
        hyperparameters = _scaled(covariance, multiple)
        K = _gram(hyperparameters, coords)
        a = first
        for v in _LINK_VARIANCES:
            mode, evidence = laplace(ProbitData(sign, K, prior_mean(v), v), a, tolerance=_ROUGHLY)
            a = mode.a
            first = a if v == _LINK_VARIANCES[0] else first
            density = evidence + _log_prior(multiple, v)
            if best is None or density > best[0]:
                best = density, hyperparameters, v, a
    assert best is not None  # the grid is not empty
    return best[1:]


def _log_prior(multiple: float, v: float) -> float:
    """Log density, up to a constant, of independent normals in both logs."""
    middle = _LINK_VARIANCES[len(_LINK_VARIANCES) // 2]
    return -0.5 * (math.log(multiple) ** 2 + math.log(v / middle) ** 2) / _LOG_SD**2


def _scaled(covariance: BoundCovariance, multiple: float) -> Hyperparameters:
    """Lengthscales at a multiple of the centres of the objective's priors, weights at a fraction.

    Not those fitted to the objective: failures may depend on other parameters than it does.
    """
    log_theta = covariance.vector.prior(Priors(), deterministic=True).center.copy()
    where = covariance.vector.where
    log_theta[where["outputscale"]] = 0.0  # only its ratio to the variance of the link matters
    log_theta[where["noise"]] = math.log(_NO_NOISE)
    log_theta[where["lengthscale"]] += math.log(multiple)
    log_theta[where["category_weight"]] -= math.log(multiple)
    return Hyperparameters(covariance, log_theta)


def _gram(hyperparameters: Hyperparameters, coords: Floats) -> Floats:
    """Prior covariance (n, n) of the latent function, its uncertain constant mean included."""
    points = hyperparameters.at.points(coords)
    return hyperparameters.at.cross(points, points, MEAN_VARIANCE)[0]


def _subsample(succeeded: Bools, n: int) -> Integers:
    """Indices of at most n evaluations: of the rarer outcome up to half of these.

    Each outcome's are thinned evenly through their order.
    """
    outcomes = [np.flatnonzero(succeeded), np.flatnonzero(~succeeded)]
    rare, common = sorted(outcomes, key=len)
    n_rare = min(len(rare), n // 2)
    kept = [_thinned(rare, n_rare), _thinned(common, n - n_rare)]
    return np.sort(np.concatenate(kept))


def _thinned(indices: Integers, n: int) -> Integers:
    if len(indices) <= n:
        return indices
    return indices[np.linspace(0, len(indices) - 1, n).round().astype(np.int64)]
