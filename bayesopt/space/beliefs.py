"""Beliefs about where the best value of a parameter is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.calls import explained_class
from bayesopt.checks import listed, real, several, shown, suggestion

from .identity import identity
from .scales import Floats


@dataclass(frozen=True)
class Belief:
    """A belief about a number; see :class:`Normal` and :class:`LogNormal`."""

    @property
    def most_likely(self) -> float:
        """The number that is most likely the best."""
        raise NotImplementedError

    def log_weight(self, values: Floats) -> Floats:
        """Log of how likely each value is the best, relative to the most likely one."""
        raise NotImplementedError

    def slope(self, values: Floats) -> Floats:
        """Derivative of :meth:`log_weight`."""
        raise NotImplementedError

    def as_json(self) -> dict[str, list[float]]:
        """The form in documents."""
        raise NotImplementedError


@explained_class
@dataclass(frozen=True)
class Normal(Belief):
    """The best value is about ``mean``, give or take ``sd``.

    Parameters
    ----------
    mean, sd : in the parameter's units; ``sd`` > 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", real("Normal: mean", self.mean))
        object.__setattr__(self, "sd", real("Normal: sd", self.sd, above=0.0))

    @property
    def most_likely(self) -> float:
        """The mean."""
        return self.mean

    def log_weight(self, values: Floats) -> Floats:
        """-(x - mean)² / (2 sd²)."""
        return np.asarray(-0.5 * ((values - self.mean) / self.sd) ** 2)

    def slope(self, values: Floats) -> Floats:
        """-(x - mean) / sd²."""
        return np.asarray(-(values - self.mean) / self.sd / self.sd)

    def as_json(self) -> dict[str, list[float]]:
        """``{"normal": [mean, sd]}``."""
        return {"normal": [self.mean, self.sd]}


@explained_class
@dataclass(frozen=True)
class LogNormal(Belief):
    """The best value is about ``median``, give or take a factor.

    Parameters
    ----------
    median : in the parameter's units; > 0.
    factor : within ``median / factor`` and ``median * factor`` it is with a probability of two
        thirds; > 1. The natural logarithm of the value is normal with the standard deviation
        log(factor).
    """

    median: float
    factor: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "median", real("LogNormal: median", self.median, above=0.0))
        object.__setattr__(self, "factor", real("LogNormal: factor", self.factor, above=1.0))

    @property
    def most_likely(self) -> float:
        """The median: the most likely value on a logarithmic scale."""
        return self.median

    @property
    def _sd(self) -> float:
        return max(math.log(self.factor), 1e-12)

    def log_weight(self, values: Floats) -> Floats:
        """-log²(x / median) / (2 log² factor); -inf where x <= 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (np.log(np.maximum(values, 0.0)) - math.log(self.median)) / self._sd
        return np.asarray(-0.5 * z**2)

    def slope(self, values: Floats) -> Floats:
        """-log(x / median) / (x log² factor); 0 where x <= 0."""
        x = np.maximum(values, np.finfo(float).tiny)
        steep = -(np.log(x) - math.log(self.median)) / self._sd**2 / x
        return np.where(values > 0.0, steep, 0.0)

    def as_json(self) -> dict[str, list[float]]:
        """``{"log_normal": [median, factor]}``."""
        return {"log_normal": [self.median, self.factor]}


_KINDS: Mapping[str, type[Belief]] = {"normal": Normal, "log_normal": LogNormal}


def read_belief(owner: str, prior: object, low: float) -> Belief | None:
    """A number's belief, as given or in its form in documents.

    Raises
    ------
    TypeError, ValueError : for what is none.
    """
    if prior is None or isinstance(prior, Belief):
        if isinstance(prior, LogNormal) and low <= 0:
            raise ValueError(f"{owner}: a LogNormal belief needs low > 0; use Normal")
        return prior
    if isinstance(prior, Mapping) and len(prior) == 1:
        kind, numbers = next(iter(prior.items()))
        if kind not in _KINDS:
            raise ValueError(
                f"{owner}: prior must be one of {listed(_KINDS)}; got {shown(kind)}"
                f"{suggestion(kind, _KINDS)}"
            )
        if isinstance(numbers, list | tuple) and len(numbers) == 2:
            return read_belief(owner, _KINDS[kind](*numbers), low)
    raise TypeError(
        f"{owner}: prior must be a belief such as bo.Normal(80, 10) or bo.LogNormal(0.01, 3), "
        f"{{normal = [80, 10]}} in a file; got {shown(prior)}; log=True makes a range logarithmic"
    )


def read_weights(owner: str, prior: object, options: Sequence[Any]) -> tuple[float, ...] | None:
    """The weight of each option: a list in their order, or a mapping from options to weights.

    Raises
    ------
    TypeError, ValueError : for other lengths, unknown options, and weights that are not numbers
        > 0; one may be 0 as long as another is not.
    """
    if prior is None:
        return None
    if isinstance(prior, Mapping):
        places = {identity(option): i for i, option in enumerate(options)}
        weights = [1.0] * len(options)
        for option, weight in prior.items():
            if identity(option) not in places:
                raise ValueError(
                    f"{owner}: prior has a weight of {shown(option)}, which is no choice"
                    f"{suggestion(option, options)}; expected {listed(options)}"
                )
            weights[places[identity(option)]] = weight
    else:
        what = "a weight for each choice, or a mapping from choices to weights (1 where left out)"
        weights = several(f"{owner}: prior", prior, what)
    if len(weights) != len(options):
        raise ValueError(f"{owner}: prior must have {len(options)} weights; got {len(weights)}")
    numbers = tuple(real(f"{owner}: a weight of prior", w, 0.0) for w in weights)
    if not 0.0 < max(numbers) < math.inf:
        raise ValueError(f"{owner}: prior must have a weight > 0; got {shown(list(numbers))}")
    return numbers
