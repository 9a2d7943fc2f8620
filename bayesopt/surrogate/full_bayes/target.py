"""What a sampler sees: a log density of a vector q with its gradient, and what q means."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.covariance.vector import NOISE, HyperparameterVector
from bayesopt.surrogate.evidence import NegativeLogEvidence
from bayesopt.surrogate.full_bayes.layout import Layout
from bayesopt.surrogate.full_bayes.pymc_model import HyperPriors, OwnPriors, layout_of, pymc_model

Floats = NDArray[np.float64]


class Target(ABC):
    """The posterior of the hyperparameters of one data set, over unconstrained q (k,)."""

    @property
    @abstractmethod
    def size(self) -> int:
        """k."""

    @property
    @abstractmethod
    def vector(self) -> HyperparameterVector:
        """Where log θ holds what."""

    @property
    @abstractmethod
    def dims(self) -> Mapping[str, str]:
        """The dimension of each variable or hyperparameter of several numbers."""

    @abstractmethod
    def log_posterior(self, q: Floats) -> tuple[float, Floats]:
        """Log density up to a constant and gradient; -inf and anything where there is none."""

    @abstractmethod
    def named(self, q: Floats) -> dict[str, Floats]:
        """Values (..., of the variable) of q (..., k) by name."""

    @abstractmethod
    def log_theta(self, q: Floats) -> Floats:
        """The evidence's vectors (..., t) of q (..., k)."""

    @abstractmethod
    def near(self, log_theta: Floats) -> Floats:
        """A q (k,) whose hyperparameters are about the given ones."""


@dataclass(frozen=True, eq=False)
class LayoutTarget(Target):
    """Built-in priors, evaluated without PyTensor: the twin of :func:`pymc_model`, to which tests
    hold it.
    """

    layout: Layout
    evidence: NegativeLogEvidence

    @property
    def size(self) -> int:
        """Length of q."""
        return self.layout.size

    @property
    def vector(self) -> HyperparameterVector:
        """Where log θ holds what."""
        return self.layout.vector

    @property
    def dims(self) -> Mapping[str, str]:
        """Dimensions by name."""
        return self.layout.dims

    def log_posterior(self, q: Floats) -> tuple[float, Floats]:
        """Log density and gradient."""
        return self.layout.log_posterior(q, self.evidence)

    def named(self, q: Floats) -> dict[str, Floats]:
        """Values by name."""
        return self.layout.named(q)

    def log_theta(self, q: Floats) -> Floats:
        """The evidence's vectors."""
        return self.layout.log_theta(q)

    def near(self, log_theta: Floats) -> Floats:
        """The shortest q that gives ``log_theta``."""
        wanted = log_theta.copy()
        if self.layout.has_noise:
            i = self.layout.vector.noise
            wanted[i] = math.log(
                max(math.exp(wanted[i]) - self.layout.floor, 0.1 * self.layout.floor)
            )
        found = np.linalg.lstsq(self.layout.matrix, wanted - self.layout.offset, rcond=None)[0]
        return np.asarray(found)


class CompiledModel:
    """A PyMC model compiled once; new data go into its slot.

    Parameters
    ----------
    priors, covariance, deterministic : what the model depends on besides the data.
    """

    def __init__(
        self, priors: HyperPriors, covariance: BoundCovariance, deterministic: bool
    ) -> None:
        from bayesopt.surrogate.full_bayes.op import Slot

        self.slot = Slot()
        self.layout = layout_of(priors, covariance, deterministic=deterministic)
        self.model = pymc_model(priors, covariance, self.slot, deterministic=deterministic)

    @cached_property
    def value_and_gradient(self) -> Any:
        """From q (k,) to the log density and its gradient."""
        function = self.model.logp_dlogp_function(ravel_inputs=True)
        function.set_extra_values({})
        return function

    @cached_property
    def initial(self) -> dict[str, Floats]:
        """The model's initial point."""
        point = self.model.initial_point()
        return {v.name: np.asarray(point[v.name], dtype=float) for v in self.model.value_vars}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the variables and of what follows from them."""
        return tuple(v.name for v in self.model.unobserved_RVs)

    @cached_property
    def outputs(self) -> Any:
        """From a point of the model to the values of ``names``."""
        of = {v.name: v for v in self.model.unobserved_value_vars}
        return self.model.compile_fn([of[n] for n in self.names], inputs=self.model.value_vars)

    def point(self, q: Floats) -> dict[str, Floats]:
        """The point of the model at q (k,)."""
        ends = np.cumsum([v.size for v in self.initial.values()])
        parts = np.split(q, ends[:-1])
        return {
            n: p.reshape(v.shape) for (n, v), p in zip(self.initial.items(), parts, strict=True)
        }


@dataclass(frozen=True, eq=False)
class ModelTarget(Target):
    """A user's own priors, evaluated by PyTensor."""

    compiled: CompiledModel
    evidence: NegativeLogEvidence

    @property
    def size(self) -> int:
        """Length of q."""
        return sum(v.size for v in self.compiled.initial.values())

    @property
    def vector(self) -> HyperparameterVector:
        """Where log θ holds what."""
        return self.compiled.layout.vector

    @property
    def dims(self) -> Mapping[str, str]:
        """Dimensions by name."""
        return self.compiled.layout.dims

    def log_posterior(self, q: Floats) -> tuple[float, Floats]:
        """Log density and gradient."""
        self.compiled.slot.evidence = self.evidence
        value, gradient = self.compiled.value_and_gradient([q])
        return float(value), np.asarray(gradient)

    def named(self, q: Floats) -> dict[str, Floats]:
        """Values by name."""
        rows = q.reshape(-1, q.shape[-1])
        drawn = [self.compiled.outputs(self.compiled.point(row)) for row in rows]
        columns = zip(self.compiled.names, zip(*drawn, strict=True), strict=True)
        return {
            name: np.array(values).reshape((*q.shape[:-1], *values[0].shape))
            for name, values in columns
        }

    def log_theta(self, q: Floats) -> Floats:
        """The evidence's vectors, from the named values."""
        values, layout = self.named(q), self.compiled.layout
        values[NOISE] = values.get(NOISE, np.zeros(q.shape[:-1])) + layout.floor
        parts = [
            values[p.name] if p.spec.per else values[p.name][..., None]
            for p in layout.vector.placed
            if p.size
        ]
        return np.log(np.concatenate(parts, axis=-1))

    def near(self, log_theta: Floats) -> Floats:
        """The model's own initial point: what the user's variables are is not known."""
        return np.concatenate([np.ravel(v) for v in self.compiled.initial.values()])


_compiled: dict[tuple[object, ...], CompiledModel] = {}


def make_target(
    priors: HyperPriors, evidence: NegativeLogEvidence, *, deterministic: bool
) -> Target:
    """The posterior to be sampled."""
    covariance = evidence.covariance
    if not isinstance(priors, OwnPriors):
        return LayoutTarget(layout_of(priors, covariance, deterministic=deterministic), evidence)
    columns = covariance.columns
    kinds = (
        columns.categorical.tobytes(),
        columns.conditional.tobytes(),
        columns.names,
        columns.embeddings,
    )
    key = (priors, kinds, covariance.tree, covariance.vector.size, deterministic)
    if key not in _compiled:
        _compiled[key] = CompiledModel(priors, covariance, deterministic)
    return ModelTarget(_compiled[key], evidence)
