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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import real, several, shown
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.covariance.vector import NOISE, HyperparameterVector
from bayesopt.surrogate.evidence import NegativeLogEvidence
from bayesopt.surrogate.full_bayes.density import (
    Gamma,
    HalfCauchy,
    LogNormalDensity,
    Positive,
    joined,
)
from bayesopt.surrogate.prior import Priors

Floats = NDArray[np.float64]

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
    vector : where log θ holds what.
    variables : in the order in which q holds them.
    matrix, offset : (t, k) and (t,).
    floor : added to the noise variance; the noise itself where no variable is called so.
    dims : the dimension of each variable or hyperparameter of several numbers.
    """

    vector: HyperparameterVector
    variables: tuple[Variable, ...]
    matrix: Floats
    offset: Floats
    floor: float
    dims: Mapping[str, str]

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
            i = self.vector.noise
            log_theta[..., i] = np.logaddexp(log_theta[..., i], math.log(self.floor))
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

    def log_posterior(self, q: Floats, evidence: NegativeLogEvidence) -> tuple[float, Floats]:
        """Log posterior density of q (k,) up to a constant, and its gradient.

        -inf where the evidence cannot be computed.
        """
        value, gradient = self.log_prior(q)
        log_theta = self.log_theta(q)
        loss, slope = bounded_evidence(evidence, log_theta)
        if self.has_noise:
            i = self.vector.noise
            slope[i] *= 1.0 - self.floor * math.exp(-log_theta[i])
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
        for name, x in self.vector.named(self.log_theta(q)).items():
            if name != NOISE and x.shape[-1:] != (0,):
                values.setdefault(name, x)
        return values

    def unnamed(self, values: Mapping[str, object]) -> Floats:
        """q (k,) of the variables' values by name."""
        parts = [np.atleast_1d(np.asarray(values[v.name], dtype=float)) for v in self.variables]
        return np.asarray(np.log(np.maximum(np.concatenate(parts), 1e-300)))


def bounded_evidence(evidence: NegativeLogEvidence, log_theta: Floats) -> tuple[float, Floats]:
    """The negative log evidence and its gradient; inf and zeros where it cannot be computed."""
    if float(log_theta @ log_theta) < _FAR**2:
        try:
            value, gradient = evidence(log_theta)
        except NotPositiveDefinite:
            return math.inf, np.zeros_like(log_theta)
        if math.isfinite(value) and math.isfinite(gradient.sum()):
            return value, gradient
    return math.inf, np.zeros_like(log_theta)


def dims_of(covariance: BoundCovariance) -> dict[str, str]:
    """The dimension of each hyperparameter of several numbers."""
    columns, dims = covariance.columns, {}
    all_of = {
        "numeric": ("parameter", columns.numeric),
        "categorical": ("category", columns.categories),
    }
    for p in covariance.vector.placed:
        if p.spec.per is not None and p.size:
            dim, members = all_of[p.spec.per]
            dims[p.name] = dim if p.size == len(members) else f"{p.name}_dim"
    return dims


def log_normal_layout(
    priors: Priors, covariance: BoundCovariance, *, deterministic: bool
) -> Layout:
    """The variables are the hyperparameters themselves, log-normal as :class:`Priors` says but
    without its bounds.
    """
    variables = _log_normals(priors, covariance, deterministic=deterministic)
    powers = {(v.name, v.name): 1.0 for v in variables}
    return _assembled(covariance, variables, powers, priors.noise.low)


def _assembled(
    covariance: BoundCovariance,
    variables: Sequence[Variable],
    powers: Mapping[tuple[str, str], float],
    floor: float,
) -> Layout:
    """Hyperparameters as products of variables to given powers, by the names of both."""
    vector, dims = covariance.vector, dims_of(covariance)
    sizes = {v.name: v.size for v in variables}
    matrix, offset = np.zeros((vector.size, sum(sizes.values()))), np.zeros(vector.size)
    if NOISE not in sizes:
        offset[vector.noise] = math.log(floor)
    dims |= {v.name: v.dim for v in variables if v.dim is not None}
    layout = Layout(vector, tuple(variables), matrix, offset, floor, dims)
    for (name, variable), power in powers.items():
        block = matrix[vector.where[name], layout.slices[variable]]  # a view
        block[:] = power * (np.eye(len(block)) if block.shape[1] == len(block) else 1.0)
    return layout


def _log_normals(
    priors: Priors, covariance: BoundCovariance, *, deterministic: bool
) -> list[Variable]:
    """Each hyperparameter as a variable; without the noise where there is none."""
    prior = covariance.vector.prior(priors, deterministic=deterministic)
    dims, variables = dims_of(covariance), []
    for p in covariance.vector.placed:
        if p.size and not (deterministic and p.name == NOISE):
            mu, sigma, dim = prior.center[p.where], prior.sd[p.where], dims.get(p.name)
            density = (
                LogNormalDensity(mu, sigma)
                if dim
                else LogNormalDensity(float(mu[0]), float(sigma[0]))
            )
            variables.append(Variable(p.name, density, p.size, dim))
    return variables


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

    def layout(self, covariance: BoundCovariance, *, deterministic: bool) -> Layout:
        """Variables outputscale, noise, tau, lam (per parameter) and lam_category; and the other
        hyperparameters of the covariance, log-normal.
        """
        outputscale = covariance.vector.placed[0].name
        variables = [Variable(outputscale, Gamma(*self.outputscale))]
        variables += [] if deterministic else [Variable(NOISE, Gamma(*self.noise))]
        powers = {(v.name, v.name): 1.0 for v in variables}
        variables += [Variable("tau", HalfCauchy(self.tau))]
        others = _log_normals(Priors(), covariance, deterministic=deterministic)
        shrunk = {"lengthscale": ("lam", -0.5), "category_weight": ("lam_category", 1.0)}
        for v in others:
            if v.name in shrunk and v.dim is not None:
                local, power = shrunk[v.name]
                variables.append(Variable(local, HalfCauchy(1.0), v.size, v.dim))
                powers |= {(v.name, "tau"): power, (v.name, local): power}
        rest = [v for v in others if v.name not in {name for name, _ in powers}]
        powers |= {(v.name, v.name): 1.0 for v in rest}
        variables += rest
        return _assembled(covariance, variables, powers, self.noise_floor)
