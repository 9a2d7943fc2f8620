"""The interface of surrogates: from observations to a posterior in standardised units and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.transform import OutputTransform
from bayesopt.surrogate.volume import volume_shares

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Observations:
    """One output's data, to be minimised.

    Attributes
    ----------
    coords : (n, p) points.
    values : (n,) finite values in the user's units (negated when maximising).
    noise_sd : (n,) measured standard deviations, NaN where unknown.
    deterministic : the user declared the output noise-free.
    constraint : whether it is an outcome constraint, met where its value is <= 0: a surrogate then
        does well to resolve the neighbourhood of 0.
    gradients : (n, p) derivatives of the values in the coordinates, NaN where unknown; None when
        all are. A surrogate that cannot use them ignores them.
    spread : (m, p) points spread over the space, by which :meth:`shares` are counted; None where
        the space is not known.
    predicted : (n,) whether a value is none that was seen, so that its sd is that of a prediction;
        None when none is.
    """

    coords: Floats
    values: Floats
    noise_sd: Floats
    deterministic: bool = False
    constraint: bool = False
    gradients: Floats | None = None
    spread: Floats | None = None
    predicted: Mask | None = None

    @property
    def told_noise(self) -> float:
        """The median measured standard deviation of the values that were seen, 0 for those
        without.
        """
        seen = slice(None) if self.predicted is None else ~self.predicted
        sds = self.noise_sd[seen]
        return float(np.median(np.where(np.isfinite(sds), sds, 0.0))) if len(sds) else 0.0

    def shares(self, columns: Columns) -> Floats | None:
        """(n,) the share of the space that each observation stands for, of sum 1; None for equal
        ones.
        """
        if self.spread is None or not len(self.spread):
            return None
        return volume_shares(columns, self.coords, self.spread)

    def part(self, which: slice | Mask) -> Observations:
        """Some of the observations."""
        return replace(
            self,
            coords=self.coords[which],
            values=self.values[which],
            noise_sd=self.noise_sd[which],
            gradients=None if self.gradients is None else self.gradients[which],
            predicted=None if self.predicted is None else self.predicted[which],
        )

    @property
    def noise_is_known(self) -> bool:
        """Whether no noise is left to be fitted: declared absent, or measured everywhere."""
        measured = len(self.noise_sd) > 0 and bool(np.isfinite(self.noise_sd).all())
        return self.deterministic or measured


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted surrogate.

    Attributes
    ----------
    posterior : over the latent function of the standardised values.
    transform : between the values and the standardised ones.
    state : what the next fit may start from; JSON-representable.
    diagnostics : what there is to say about the fit; JSON-representable.
    log_score : how well the latest observations were predicted (see ``prequential.updated``); 0
        where that is not followed.
    own : the fit to the run's own observations alone, where others inform the posterior; else
        None.
    """

    posterior: Posterior
    transform: OutputTransform
    state: Mapping[str, Any]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    log_score: float = 0.0
    own: Fitted | None = None


class Surrogate(ABC):
    """A configuration of a surrogate; immutable."""

    def of_several(self) -> Surrogate:
        """The configuration for each of several objectives: itself, where nothing is to change."""
        return self

    def quick(self) -> Surrogate:
        """The configuration for a fit from scratch at a single proposal: itself, where nothing is
        to change.
        """
        return self

    @abstractmethod
    def fit(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit to at least one observation.

        The result depends on the arguments only, so that a reloaded run continues as the
        undisturbed one would have.

        Parameters
        ----------
        columns : kinds of the p columns.
        data : the observations.
        state : ``Fitted.state`` of the previous fit of the same output, or None.
        rng : for random starts and chains.
        previous : the fit that left ``state``, when it is still at hand: it may save work, but
            must not change a bit of the result, because a reloaded run does not have it.
        """
