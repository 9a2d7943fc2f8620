"""The acquisitions of the field: LogEI, EI, PI, UCB, Thompson sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.base import Acquisition, AcquisitionContext, BoundAcquisition, Score
from bayesopt.calls import explained_class
from bayesopt.checks import real, whole
from bayesopt.compiled import acquisition as kernels
from bayesopt.compiled import floats
from bayesopt.surrogate import Posterior, sample_joint

Floats = NDArray[np.float64]
_MOST_BETA = 1e6
_MOST_POINTS = 5_000  # one draw takes a matrix of as many rows and columns
_LOG_EI, _EI, _LOG_PI, _UCB = 0, 1, 2, 4  # the kernels' codes


class _Compiled(Acquisition):
    """An acquisition scored by the compiled kernels."""

    code: ClassVar[int]
    _beta = 0.0

    def score(self, mean: Floats, var: Floats, best: Floats) -> Floats:
        """Scores (B,) of standardised moments."""
        # without the slopes it would be another kernel to compile, and hardly a faster one
        return self.score_slopes(mean, var, best)[0]

    def score_slopes(
        self, mean: Floats, var: Floats, best: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Scores (B,) and their derivatives in ``mean`` (B, F) and ``var`` (B,)."""
        out, d_mean, d_var = np.empty(len(var)), np.empty(mean.shape), np.empty(len(var))
        kernels.score_slopes(
            self.code, floats(mean), floats(var), floats(best), self._beta, out, d_mean, d_var
        )
        return out, d_mean, d_var


@explained_class
@dataclass(frozen=True)
class LogEI(_Compiled):
    """Log of the expected improvement, the default.

    Exact far into the tail (Ament et al. 2023, eq. 8-9). Where the fit finds noise of more than a
    tenth of the values' spread, the knowledge gradient stands in for it, or ``UCB()`` for every
    second trial; ``EI()`` is never replaced.
    """

    code: ClassVar[int] = _LOG_EI


@explained_class
@dataclass(frozen=True)
class EI(_Compiled):
    """Expected improvement (Mockus 1978; Jones et al. 1998); with outcome constraints, its
    logarithm is used.
    """

    code: ClassVar[int] = _EI
    in_log: ClassVar[bool] = False  # type: ignore[misc]

    def bind(
        self, context: AcquisitionContext, candidates: Floats, rng: np.random.Generator
    ) -> Score:
        """The function over points: EI itself, or log EI plus log probabilities, which orders
        points as their product does.
        """
        return BoundAcquisition(LogEI() if context.probabilities else self, context)


@explained_class
@dataclass(frozen=True)
class PI(_Compiled):
    """Probability of improvement (Kushner 1964), in logs so that its gradient does not vanish."""

    code: ClassVar[int] = _LOG_PI


@explained_class
@dataclass(frozen=True)
class UCB(_Compiled):
    """Optimistic bound of the latent function, μ - β s when minimising (Srinivas et al. 2010).

    Under outcome constraints and failures the log of the probability of meeting them is added, as
    a penalty: a probability of 1/e costs as much as one standard deviation of the values.

    Attributes
    ----------
    beta : multiples of the posterior standard deviation, 0 to 1e6.
    """

    beta: float = 2.0
    code: ClassVar[int] = _UCB
    in_log: ClassVar[bool] = False  # type: ignore[misc]

    def __post_init__(self) -> None:
        beta = real("beta", self.beta, 0.0, _MOST_BETA)
        object.__setattr__(self, "beta", beta)
        object.__setattr__(self, "_beta", beta)


@dataclass(frozen=True)
class _Mean(_Compiled):
    """The posterior mean alone, downwards: UCB with beta 0."""

    code: ClassVar[int] = _UCB
    in_log: ClassVar[bool] = False  # type: ignore[misc]


@explained_class
@dataclass(frozen=True)
class Thompson(_Compiled):
    """Thompson sampling: the minimum of one draw of the latent function.

    The draw is made jointly at some of the candidates and continued between them by its
    conditional mean, which is smooth, so that gradients and neighbours see one and the same
    function.

    Attributes
    ----------
    n_points : candidates at which the draw is made; 1 to 5,000.
    """

    n_points: int = 256
    code: ClassVar[int] = _UCB
    in_log: ClassVar[bool] = False  # type: ignore[misc]

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_points", whole("n_points", self.n_points, 1, _MOST_POINTS))

    def bind(
        self, context: AcquisitionContext, candidates: Floats, rng: np.random.Generator
    ) -> Score:
        """One draw of the function over points."""
        if context.objective is None:
            return BoundAcquisition(_Mean(), context)
        posterior = context.objective
        component = posterior.components[
            int(rng.choice(len(posterior.weights), p=posterior.weights))
        ]
        chosen = rng.permutation(len(candidates))[: self.n_points]
        points = candidates[np.sort(chosen)]
        y = sample_joint(component, points, rng.standard_normal((len(points), 1)))
        drawn = component.condition(points, y, np.full(len(points), 1e-6))
        return BoundAcquisition(
            _Mean(),
            AcquisitionContext(Posterior.single(drawn), (np.zeros(1),), context.probabilities),
        )
