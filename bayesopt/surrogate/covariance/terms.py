"""The terms that the package brings, by their formulas; ``compiled`` has them as kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import instance, one_of
from bayesopt.surrogate.covariance.base import CovarianceTerm, Hyperparameter, MixedPoints
from bayesopt.surrogate.prior import NormalInLog

Floats = NDArray[np.float64]

_OF_ONE = NormalInLog(0.2, 1.0, 0.01, 100.0)  # lengthscale of a function of one parameter
FAMILIES = {"matern12": 0, "matern32": 1, "matern52": 2, "rbf": 3}  # as the kernels number them


@dataclass(frozen=True)
class Radial(CovarianceTerm):
    """A function of the distance, with a lengthscale for each numeric parameter.

    Rasmussen & Williams 2006, eq. 4.9 and 4.14-4.17.

    Attributes
    ----------
    family : "matern52", "matern32", "matern12" or "rbf" (the squared exponential).
    lengthscale : its prior, for one dimension; None takes that of the surrogate's ``priors``.
    """

    family: str = "matern52"
    lengthscale: NormalInLog | None = None

    def __post_init__(self) -> None:
        one_of("family of Radial", self.family, FAMILIES)
        _prior("lengthscale of Radial", self.lengthscale)

    def named(self) -> tuple[Hyperparameter, ...]:
        """The lengthscales."""
        return (Hyperparameter("lengthscale", self.lengthscale, per="numeric", growth=0.5),)

    def value(self, x: Floats, y: Floats, lengthscale: Floats) -> Floats:
        """Covariances (n, m)."""
        return radial(self.family, (((x - y) / lengthscale) ** 2).sum(axis=-1))


@dataclass(frozen=True)
class Categories(CovarianceTerm):
    """For each categorical parameter a factor for unequal labels.

    The heat kernel of a complete graph (Kondor & Lafferty 2002), written by its value for two
    unequal labels, ``exp(-category_weight)``. An inactive parameter is one more label.

    Attributes
    ----------
    category_weight : its prior, for one dimension; None takes that of the surrogate's ``priors``.
    """

    category_weight: NormalInLog | None = None
    reads: ClassVar[Literal["numeric", "categorical", "mixed"]] = "categorical"

    def __post_init__(self) -> None:
        _prior("category_weight of Categories", self.category_weight)

    def named(self) -> tuple[Hyperparameter, ...]:
        """The weights."""
        prior = self.category_weight
        return (Hyperparameter("category_weight", prior, per="categorical", growth=-1.0),)

    def value(self, x: Floats, y: Floats, category_weight: Floats) -> Floats:
        """Covariances (n, m)."""
        return np.asarray(np.exp(-(category_weight * (x != y)).sum(axis=-1)))


@dataclass(frozen=True)
class ShortScale(CovarianceTerm):
    """Structure on a scale far below that of the trend: the short-scale component.

    Rugged objectives look like noise around a trend, but the same point has the same value and
    its close neighbours have similar ones. Taken for noise, they make the search measure the
    trend's minimum again and again; with this term the neighbourhood of a point is known once the
    point is. A Matérn-5/2 function with one lengthscale for all numeric parameters; points whose
    labels differ in any category are uncorrelated. The nugget of geostatistics, with a scale.

    Attributes
    ----------
    lengthscale : its prior, for one dimension; None takes that of the surrogate's ``priors``.
    """

    lengthscale: NormalInLog | None = None
    reads: ClassVar[Literal["numeric", "categorical", "mixed"]] = "mixed"
    variance: ClassVar[Hyperparameter] = Hyperparameter("short_variance")

    def __post_init__(self) -> None:
        _prior("lengthscale of ShortScale", self.lengthscale)

    def named(self) -> tuple[Hyperparameter, ...]:
        """The lengthscale."""
        return (Hyperparameter("short_lengthscale", self.lengthscale, growth=0.5),)

    def value(self, x: MixedPoints, y: MixedPoints, short_lengthscale: float) -> Floats:
        """Covariances (n, m)."""
        r2 = (((x.numeric - y.numeric) / short_lengthscale) ** 2).sum(axis=-1)
        return np.asarray(radial("matern52", r2) * (x.codes == y.codes).all(axis=-1))


@dataclass(frozen=True)
class Additive(CovarianceTerm):
    """A sum of functions of one numeric parameter each.

    Much of what an objective does, it does in one parameter after another: then a few derivatives
    at a point are as many values of functions of one number. First order of Duvenaud, Nickisch &
    Rasmussen 2011; all functions have the same variance. Labels do not change it.

    Attributes
    ----------
    family : "matern52" or "rbf", as of ``Radial``.
    lengthscale : its prior.
    """

    family: str = "matern52"
    lengthscale: NormalInLog = _OF_ONE
    variance: ClassVar[Hyperparameter] = Hyperparameter(
        "additive_variance", NormalInLog(1.0, 1.5, 1e-6, 1e3)
    )

    def __post_init__(self) -> None:
        one_of("family of Additive", self.family, FAMILIES)
        instance("lengthscale of Additive", self.lengthscale, NormalInLog)

    def named(self) -> tuple[Hyperparameter, ...]:
        """The lengthscales."""
        return (Hyperparameter("additive_lengthscale", self.lengthscale, per="numeric"),)

    def value(self, x: Floats, y: Floats, additive_lengthscale: Floats) -> Floats:
        """Covariances (n, m)."""
        r2 = ((x - y) / additive_lengthscale) ** 2
        return np.asarray(radial(self.family, r2).mean(axis=-1))


def _prior(name: str, given: object) -> None:
    if given is not None:
        instance(name, given, NormalInLog, also=" or None")


def radial(family: str, r2: Floats) -> Floats:
    """The radial function of squared scaled distances, any shape."""
    if family == "rbf":
        return np.asarray(np.exp(-0.5 * r2))
    nu = {"matern12": 1.0, "matern32": 3.0, "matern52": 5.0}[family]
    t = np.sqrt(nu * r2)
    polynomial = {"matern12": 1.0, "matern32": 1.0 + t, "matern52": 1.0 + t + t * t / 3.0}[family]
    return np.asarray(polynomial * np.exp(-t))
