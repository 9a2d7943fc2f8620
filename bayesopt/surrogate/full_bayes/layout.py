"""The hyperparameters as named positive variables, and how they make up the vector the evidence
takes.

With q the logs of all variables, the evidence's vector is affine in q, but for the noise, which
has a floor::

    log θ = offset + matrix q        log θ_noise = log(exp(.) + floor)

Hence one description serves the compiled sampler, which works on q, and the PyMC model, whose
unconstrained values are the same q.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import real, several, shown
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.full_bayes.density import Gamma, HalfCauchy, LogNormal, Positive, joined
from bayesopt.surrogate.prior import Priors
from bayesopt.surrogate.triangles import NotPositiveDefinite

Floats = NDArray[np.float64]

DIMS = {"lengthscale": ("parameter",), "category_weight": ("category",)}
_FAR = 100.0  # a norm of log θ beyond this is outside of what floating-point covariances can tell


@dataclass(frozen=True, eq=False)
class Variable:
    """A named positive variable: a number, or one per member of ``dim``.

    Attributes
    ----------
    name : as in the PyMC model and the posterior.
    density : its prior.
    size : how many numbers.
    dim : "parameter" (numeric columns), "category" (categorical columns) or None for a single
        number.
    """

    name: str
    density: Positive
    size: int = 1
    dim: str | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """Variables with priors, and the affine map of their logs q (k,) to log θ (t,).

    Attributes
    ----------
    n_numeric, n_categorical : g lengthscales and h weights; t = 2 + g + h.
    variables : in the order in which q holds them.
    matrix, offset : (t, k) and (t,).
    floor : added to the noise variance; the noise itself where no variable is called so.
    """

    n_numeric: int
    n_categorical: int
    variables: tuple[Variable, ...]
    matrix: Floats
    offset: Floats
    floor: float

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where q holds each variable."""
        ends = np.cumsum([v.size for v in self.variables])
        return {
            v.name: slice(int(e) - v.size, int(e))
            for v, e in zip(self.variables, ends, strict=True)
        }

    @property
    def size(self) -> int:
        """k, the length of q."""
        return int(self.matrix.shape[1])

    @property
    def has_noise(self) -> bool:
        """Whether the noise is sampled; otherwise it is ``floor``."""
        return "noise" in self.slices

    def log_theta(self, q: Floats) -> Floats:
        """log θ (..., t) of q (..., k)."""
        log_theta = self.offset + q @ self.matrix.T
        if self.has_noise:
            log_theta[..., 1] = np.logaddexp(log_theta[..., 1], math.log(self.floor))
        return np.asarray(log_theta)

    @cached_property
    def _families(self) -> list[tuple[Positive, NDArray[np.int64]]]:
        """The variables' densities, one for all of a family, and where in q its variables are."""
        index = np.arange(self.size)
        kinds = dict.fromkeys(type(v.density) for v in self.variables)
        of = {k: [v for v in self.variables if type(v.density) is k] for k in kinds}
        return [
            (
                joined([(v.density, v.size) for v in group]),
                np.concatenate([index[self.slices[v.name]] for v in group]),
            )
            for group in of.values()
        ]

    def log_prior(self, q: Floats) -> tuple[float, Floats]:
        """Log prior density of q (k,), and its gradient."""
        total, gradient = 0.0, np.empty_like(q)
        for density, where in self._families:
            part, gradient[where] = density.log_density(q[where])
            total += part
        return total, gradient

    def log_posterior(self, q: Floats, evidence: Evidence) -> tuple[float, Floats]:
        """Log posterior density of q (k,) up to a constant, and its gradient.

        -inf where the evidence cannot be computed.
        """
        value, gradient = self.log_prior(q)
        log_theta = self.log_theta(q)
        loss, slope = bounded_evidence(evidence, log_theta)
        if self.has_noise:
            slope[1] *= 1.0 - self.floor * math.exp(-log_theta[1])
        return value - loss, gradient - slope @ self.matrix

    def draw(self, rng: np.random.Generator) -> Floats:
        """q (k,) from the prior."""
        return np.concatenate([np.log(v.density.draw(rng, v.size)) for v in self.variables])

    def named(self, q: Floats) -> dict[str, Floats]:
        """Values of q (..., k) by name, hyperparameters that are no variables themselves
        included.
        """
        values: dict[str, Floats] = {}
        for v in self.variables:
            x = np.exp(q[..., self.slices[v.name]])
            values[v.name] = x if v.dim else x[..., 0]
        theta = np.exp(self.log_theta(q))
        g = self.n_numeric
        if g:
            values.setdefault("lengthscale", theta[..., 2 : 2 + g])
        if self.n_categorical:
            values.setdefault("category_weight", theta[..., 2 + g :])
        return values

    def unnamed(self, values: Mapping[str, object]) -> Floats:
        """q (k,) of the variables' values by name."""
        parts = [np.atleast_1d(np.asarray(values[v.name], dtype=float)) for v in self.variables]
        return np.asarray(np.log(np.maximum(np.concatenate(parts), 1e-300)))


def bounded_evidence(evidence: Evidence, log_theta: Floats) -> tuple[float, Floats]:
    """The negative log evidence and its gradient; inf and zeros where it cannot be computed."""
    if float(log_theta @ log_theta) < _FAR**2:
        try:
            value, gradient = evidence(log_theta)
        except NotPositiveDefinite:
            return math.inf, np.zeros_like(log_theta)
        if math.isfinite(value) and math.isfinite(gradient.sum()):
            return value, gradient
    return math.inf, np.zeros_like(log_theta)


def log_normal_layout(priors: Priors, columns: Columns, *, deterministic: bool) -> Layout:
    """The variables are the hyperparameters themselves, log-normal as :class:`Priors` says but
    without its bounds.
    """
    g, h = len(columns.numeric), len(columns.categories)
    prior = priors.in_log(g, h, deterministic=deterministic)
    part = {"outputscale": slice(0, 1), "noise": slice(1, 2), "lengthscale": slice(2, 2 + g),
            "category_weight": slice(2 + g, 2 + g + h)}  # fmt: skip
    if deterministic:
        del part["noise"]
    variables = []
    for name, s in part.items():
        dim = DIMS.get(name, (None,))[0]
        size = s.stop - s.start
        mu, sigma = prior.center[s], prior.sd[s]
        density = LogNormal(mu, sigma) if dim else LogNormal(float(mu[0]), float(sigma[0]))
        variables += [Variable(name, density, size, dim)] if size else []
    keep = np.concatenate([np.arange(s.start, s.stop) for s in part.values()])
    offset = np.zeros(2 + g + h)
    if deterministic:
        offset[1] = math.log(priors.noise.low)
    return Layout(g, h, tuple(variables), np.eye(2 + g + h)[:, keep], offset, priors.noise.low)


@dataclass(frozen=True)
class SaasPriors:
    """Sparse axis-aligned subspaces (Eriksson & Jankowiak 2021): few of many parameters matter.

    1 / ℓ_j² = τ λ_j with half-Cauchy τ and λ_j: a global shrinkage that single parameters escape
    from. A category's weight is τ λ as well.

    Attributes
    ----------
    tau : scale of the global shrinkage; smaller asks for fewer parameters.
    outputscale : shape and rate of a gamma density (as in BoTorch 0.18).
    noise : shape and rate of a gamma density (as in BoTorch 0.18).
    noise_floor : added to the noise variance; the noise itself when the objective is
        deterministic.
    """

    tau: float = 0.1
    outputscale: tuple[float, float] = (2.0, 0.15)
    noise: tuple[float, float] = (0.9, 10.0)
    noise_floor: float = 1e-6

    def __post_init__(self) -> None:
        for name in ("tau", "noise_floor"):
            value = real(f"{name} of SaasPriors", getattr(self, name), above=0.0)
            object.__setattr__(self, name, value)
        for name in ("outputscale", "noise"):
            what = f"{name} of SaasPriors"
            pair = several(what, getattr(self, name), "a pair (shape, rate) of numbers > 0")
            if len(pair) != 2:
                raise ValueError(f"{what} must be a pair (shape, rate); got {shown(pair)}")
            object.__setattr__(self, name, tuple(real(what, x, above=0.0) for x in pair))

    def layout(self, columns: Columns, *, deterministic: bool) -> Layout:
        """Variables outputscale, noise, tau, lam (per parameter) and lam_category."""
        g, h = len(columns.numeric), len(columns.categories)
        variables = [Variable("outputscale", Gamma(*self.outputscale))]
        variables += [] if deterministic else [Variable("noise", Gamma(*self.noise))]
        variables += [Variable("tau", HalfCauchy(self.tau))]
        variables += [Variable("lam", HalfCauchy(1.0), g, "parameter")] if g else []
        variables += [Variable("lam_category", HalfCauchy(1.0), h, "category")] if h else []
        k = sum(v.size for v in variables)
        matrix, offset = np.zeros((2 + g + h, k)), np.zeros(2 + g + h)
        matrix[0, 0] = 1.0
        if deterministic:
            offset[1] = math.log(self.noise_floor)
        else:
            matrix[1, 1] = 1.0
        tau = k - 1 - g - h
        matrix[2 : 2 + g, tau] = -0.5
        matrix[2 : 2 + g, tau + 1 : tau + 1 + g] = -0.5 * np.eye(g)
        matrix[2 + g :, tau] = 1.0
        matrix[2 + g :, tau + 1 + g :] = np.eye(h)
        return Layout(g, h, tuple(variables), matrix, offset, self.noise_floor)
