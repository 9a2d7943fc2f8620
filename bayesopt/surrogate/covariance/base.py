"""Covariances as trees of terms, each with named hyperparameters.

A *term* is one formula, such as a Matérn function of the distance. Terms are added and
multiplied; the tree of the default surrogate is ``Radial("matern52") * Categories()``. Every
summand of a sum has a variance of its own, which nobody has to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import instance, one_of, real, shown
from bayesopt.surrogate.prior import NormalInLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Hyperparameter:
    """A positive hyperparameter of a covariance: one number, or one for each parameter.

    Attributes
    ----------
    name : in a term's formula, in reports and in stored states.
    prior : its prior and bounds; None takes those of the same name in the surrogate's ``priors``.
    per : None for one number; "numeric" for one per numeric parameter, "categorical" for one per
        categorical parameter.
    growth : the prior's centre is multiplied by ``d ** growth`` in d dimensions.
    """

    name: str
    prior: NormalInLog | None = None
    per: Literal["numeric", "categorical"] | None = None
    growth: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(
                f"the name of a hyperparameter must be a Python identifier; got {shown(self.name)}"
            )
        if self.prior is not None:
            instance(f"the prior of {self.name!r}", self.prior, NormalInLog, also=" or None")
        if self.per is not None:
            one_of(f"per of {self.name!r}", self.per, ("numeric", "categorical"), also=" or None")
        growth = real(f"growth of {self.name!r}", self.growth, -4.0, 4.0)
        object.__setattr__(self, "growth", growth)


class MixedPoints(NamedTuple):
    """Points with both kinds of coordinates, as the formula of a term that reads both gets them.

    Attributes
    ----------
    numeric : (..., q) features of the numeric parameters.
    codes : (..., h) codes of the categories.
    """

    numeric: Floats
    codes: Integers


class Covariance:
    """A tree of terms: a term, a sum, a product, or a tree over some of the parameters."""

    def __add__(self, other: Covariance) -> CovarianceSum:
        if not isinstance(other, Covariance):
            return NotImplemented
        return CovarianceSum((*_members(self, CovarianceSum), *_members(other, CovarianceSum)))

    def __mul__(self, other: Covariance) -> CovarianceProduct:
        if not isinstance(other, Covariance):
            return NotImplemented
        return CovarianceProduct(
            (*_members(self, CovarianceProduct), *_members(other, CovarianceProduct))
        )

    def on(self, *names: str) -> CovarianceOver:
        """The same over some of the parameters only."""
        return CovarianceOver(self, names)

    def without(self, *names: str) -> CovarianceOver:
        """The same over all parameters but these."""
        return CovarianceOver(self, names, others=True)


class CovarianceTerm(Covariance):
    """One formula; the base class of a covariance of your own.

    A subclass names its hyperparameters and gives the formula, either as :meth:`value` in NumPy,
    or as ``pair``, a function of two points compiled by numba. The formula must be symmetric and
    positive semi-definite, and about 1 for a point with itself: the variance is a hyperparameter
    of the sum that the term stands in.

    Attributes
    ----------
    hyperparameters : what the formula depends on besides the points.
    reads : which coordinates the formula gets: "numeric" (default), "categorical" codes, or
        "mixed", both as a :class:`MixedPoints`.
    variance : the hyperparameter that multiplies a summand with this term in it.
    pair : a function ``(x, y, theta) -> float`` of two points (q,) and the hyperparameters (t,)
        in a row, in the order of ``hyperparameters``; one per numeric parameter is repeated for
        each feature. Compile it with ``numba.njit`` and write it as ``pair = staticmethod(...)``.

    Notes
    -----
    Numeric coordinates are those of the unit cube, centred: in [-0.5, 0.5]. A conditional
    parameter has a second one, whether it is active, and both are 0 where it is not.

    Examples
    --------
    A covariance that repeats along each parameter::

        class Periodic(bo.CovarianceTerm):
            hyperparameters = (
                bo.Hyperparameter("period", bo.NormalInLog(0.3, 0.5, 0.05, 2.0)),
                bo.Hyperparameter("smoothness", bo.NormalInLog(1.0, 1.0, 0.05, 20.0)),
            )

            def value(self, x, y, period, smoothness):
                s = np.sin(np.pi * (x - y) / period) / smoothness
                return np.exp(-2.0 * (s * s).sum(axis=-1))


        bo.MapGP(kernel=Periodic().on("hour") * bo.Radial("matern52").without("hour"))
    """

    hyperparameters: ClassVar[Sequence[Hyperparameter]] = ()
    reads: ClassVar[Literal["numeric", "categorical", "mixed"]] = "numeric"
    variance: ClassVar[Hyperparameter] = Hyperparameter("outputscale")
    pair: ClassVar[Callable[..., float] | None] = None

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({given})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def named(self) -> tuple[Hyperparameter, ...]:
        """The hyperparameters; for terms whose priors are arguments."""
        return tuple(self.hyperparameters)

    def value(self, *args: Any, **kwargs: Any) -> Floats:
        """Covariances (n, m) of points ``x`` (n, 1, q) and ``y`` (1, m, q), which broadcast.

        The hyperparameters come as keywords: a number, or (q,) for one per numeric parameter and
        (h,) for one per categorical parameter.
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs a formula: value(self, x, y, ...) or pair"
        )

    def slopes(self, *args: Any, **kwargs: Any) -> Floats | None:
        """Derivatives (n, m, q) of :meth:`value`, same arguments, in ``x``; None (default): by
        central differences.
        """
        return None

    def gradients(self, *args: Any, **kwargs: Any) -> Mapping[str, Floats] | None:
        """Derivatives of :meth:`value`, same arguments, in each hyperparameter by name: (n, m), or
        (n, m, q) for one per parameter; None (default): by central differences.
        """
        return None


@dataclass(frozen=True)
class CovarianceSum(Covariance):
    """The sum of trees, each with a variance of its own."""

    terms: tuple[Covariance, ...]


@dataclass(frozen=True)
class CovarianceProduct(Covariance):
    """The product of trees."""

    terms: tuple[Covariance, ...]


@dataclass(frozen=True)
class CovarianceOver(Covariance):
    """A tree over some of the parameters only.

    Attributes
    ----------
    term : the tree.
    names : of the parameters it reads, or of those it does not.
    others : whether ``names`` are those it does not read.
    """

    term: Covariance
    names: tuple[str, ...]
    others: bool = False

    def __post_init__(self) -> None:
        if not self.names or not all(isinstance(name, str) for name in self.names):
            raise TypeError(
                f"a covariance over some parameters needs their names; got {self.names!r}"
            )


def _members(
    tree: Covariance, kind: type[CovarianceSum | CovarianceProduct]
) -> tuple[Covariance, ...]:
    return tree.terms if isinstance(tree, kind) else (tree,)
