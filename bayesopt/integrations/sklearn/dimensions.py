"""What a search space says of one parameter, in scikit-learn's and scikit-optimize's ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from numbers import Real as RealNumber
from typing import Any

from bayesopt.checks import plain, suggestion
from bayesopt.integrations.sklearn.distributions import is_distribution, read_distribution
from bayesopt.space import Categorical as Unordered
from bayesopt.space import Constant, Float, Int, Ordinal, Parameter, identity

_PRIORS = ("uniform", "log-uniform")
_PLAIN = (str, bool, int, float, type(None))


def same(value: Any) -> Any:
    """The value itself."""
    return value


@dataclass(frozen=True)
class Dimension:
    """One parameter of a search.

    Attributes
    ----------
    parameter : what the optimizer searches.
    value : from the parameter's value to the one that the estimator gets.
    """

    parameter: Parameter
    value: Callable[[Any], Any] = same


@dataclass(frozen=True)
class Item:
    """A listed value that need not be comparable (an estimator, a dict): known by its identity."""

    number: int  # of the object
    value: Any = field(compare=False)

    @classmethod
    def of(cls, value: Any) -> Item:
        """An item for an object."""
        return cls(id(value), value)

    def __repr__(self) -> str:
        return repr(self.value)


def _of_item(item: Any) -> Any:
    return item.value if isinstance(item, Item) else item


@dataclass(frozen=True)
class Real:
    """A real number, as in scikit-optimize: ``Real(1e-6, 1e+1, prior="log-uniform")``.

    Parameters
    ----------
    low, high : bounds, both included.
    prior : "uniform", or "log-uniform" for a logarithmic scale.
    base, transform, name, dtype : accepted so that existing code runs; they have no effect.

    Raises
    ------
    TypeError, ValueError : for bounds that are no such range, for another prior.
    """

    low: float
    high: float
    prior: str = "uniform"
    base: int = 10
    transform: str | None = None
    name: str | None = None
    dtype: Any = float

    def __post_init__(self) -> None:
        self.dimension()

    def dimension(self) -> Dimension:
        """The dimension of a search."""
        return Dimension(Float(self.low, self.high, log=_is_log(self.prior, "Real")))


@dataclass(frozen=True)
class Integer:
    """A whole number, as in scikit-optimize: ``Integer(1, 8)``, else as :class:`Real`."""

    low: int
    high: int
    prior: str = "uniform"
    base: int = 10
    transform: str | None = None
    name: str | None = None
    dtype: Any = int

    def __post_init__(self) -> None:
        self.dimension()

    def dimension(self) -> Dimension:
        """The dimension of a search."""
        return Dimension(Int(self.low, self.high, log=_is_log(self.prior, "Integer")))


@dataclass(frozen=True)
class Categorical:
    """One of several values without an order: ``Categorical(["linear", "rbf"])``.

    Parameters
    ----------
    categories : any values, None, estimators and dicts among them.
    prior, transform, name : accepted so that existing code runs; they have no effect.
    """

    categories: Iterable[Any]
    prior: Iterable[float] | None = None
    transform: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))
        self.dimension()

    def dimension(self) -> Dimension:
        """The dimension of a search."""
        return _listed("Categorical", self.categories, ordered=False)


def read_dimension(name: str, spec: Any) -> Dimension:
    """Make a dimension of what a search space has for ``name``.

    Parameters
    ----------
    spec : one of

        - a parameter of this package, such as ``Float(1e-5, 1, log=True)``;
        - :class:`Real`, :class:`Integer`, :class:`Categorical`, or scikit-optimize's own;
        - a range: a tuple ``(low, high)`` or ``(low, high, "log-uniform")``, whole if both numbers
          are;
        - a distribution of ``scipy.stats``, or any object with ``rvs``;
        - a list, array or other iterable of values to choose from. Numbers are taken in their
          order.

    Raises
    ------
    TypeError, ValueError : naming the parameter, for anything else.
    """
    try:
        return _read(spec)
    except TypeError as error:
        raise TypeError(f"search_spaces: {name!r}: {error}") from error
    except ValueError as error:
        raise ValueError(f"search_spaces: {name!r}: {error}") from error


def _read(spec: Any) -> Dimension:
    if isinstance(spec, Parameter):
        return Dimension(spec)
    if isinstance(spec, Real | Integer | Categorical):
        return spec.dimension()
    if type(spec).__module__.startswith("skopt.space"):
        return _of_skopt(spec)
    if is_distribution(spec):
        read = read_distribution(spec)
        return _listed("the draws", read) if isinstance(read, list) else Dimension(*read)
    if isinstance(spec, tuple | list) and _is_range(spec):
        kind = Integer if all(isinstance(end, Integral) for end in spec[:2]) else Real
        return kind(*map(plain, spec[:3])).dimension()
    if isinstance(spec, str | bytes | Mapping | set | frozenset) or not isinstance(spec, Iterable):
        raise TypeError(
            "expected a range such as (0.1, 10, 'log-uniform'), a list of values, a distribution "
            "of scipy.stats, Real, Integer, Categorical or a parameter of bayesopt; "
            f"got {spec!r} of type {type(spec).__name__}"
        )
    return _listed("the list", spec)


def _is_range(spec: tuple[Any, ...] | list[Any]) -> bool:
    """Whether these are bounds. A list of two numbers is two choices, as in scikit-learn."""
    if len(spec) < 2 or not all(
        isinstance(end, RealNumber) and not isinstance(plain(end), bool) for end in spec[:2]
    ):
        return False
    if len(spec) == 2:
        return isinstance(spec, tuple)
    if not isinstance(spec[2], str) or len(spec) > 4:
        return False
    # (1, 2, "sqrt") are three choices, but (1, 100, "loguniform") is a range with a misspelt prior
    return "log" in spec[2] or "uniform" in spec[2]


def _is_log(prior: object, owner: str) -> bool:
    if prior not in _PRIORS:
        raise ValueError(
            f"{owner}: prior must be 'uniform' or 'log-uniform'; "
            f"got {prior!r}{suggestion(prior, _PRIORS)}"
        )
    return prior == "log-uniform"


def _of_skopt(spec: Any) -> Dimension:
    if hasattr(spec, "categories"):
        return _listed("Categorical", spec.categories, ordered=False)
    kind = Integer if type(spec).__name__ == "Integer" else Real
    return kind(plain(spec.low), plain(spec.high), spec.prior).dimension()


def _listed(owner: str, values: Iterable[Any], *, ordered: bool = True) -> Dimension:
    """One of the listed values, each once."""
    options: dict[Any, Any] = {}
    for value in map(plain, values):
        option = value if _is_plain(value) else Item.of(value)
        options.setdefault(identity(option), option)
    listed = list(options.values())
    if not listed:
        raise ValueError(f"{owner} is empty; list at least one value")
    if len(listed) == 1:
        return Dimension(Constant(listed[0]), _of_item)
    if ordered and all(isinstance(v, int | float) and not isinstance(v, bool) for v in listed):
        return Dimension(Ordinal(sorted(listed)))
    return Dimension(Unordered(listed), _of_item)


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(_is_plain(item) for item in value)
    return type(value) in _PLAIN and not (isinstance(value, float) and math.isnan(value))
