"""Values from a list: Ordinal, Categorical, Boolean; and the Constant."""

# ruff: noqa: D102 - what the methods do is said once, in Parameter

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from bayesopt.calls import explained_class
from bayesopt.checks import listed, plain, real, several, shown

from .beliefs import read_weights
from .discrete import Grid, Labels, Positions
from .identity import identity
from .parameter import UNSET, Parameter, read_when
from .roles import OF_LISTED, read_role
from .scales import Scale, array


class _Choice(Parameter):
    """Shared by the parameters that take one of several listed values, kept by index."""

    default: Any
    role: str
    prior: Any
    _roles: ClassVar[tuple[str, ...]] = OF_LISTED

    @property
    def _options(self) -> tuple[Any, ...]:
        raise NotImplementedError

    @cached_property
    def _index(self) -> dict[Hashable, int]:
        return {identity(option): i for i, option in enumerate(self._options)}

    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        value = plain(value)
        try:
            return float(self._find(value))
        except (KeyError, TypeError):
            raise ValueError(
                f"{name}: expected one of {listed(self._options)}; got {shown(value)} of type "
                f"{type(value).__name__}"
            ) from None

    def _find(self, value: Any) -> int:
        return self._index[identity(value)]

    def decode(self, number: float) -> Any:
        if number not in range(len(self._options)):
            raise ValueError(f"{shown(number)} is not the index of one of {listed(self._options)}")
        return self._options[int(number)]

    def default_number(self) -> float | None:
        if self.default is UNSET:
            return None if self.prior is None else float(np.argmax(self.prior))
        return self.encode(self.default, "default")

    @property
    def has_default(self) -> bool:
        return self.default is not UNSET

    def _finish(self, owner: str) -> None:
        object.__setattr__(self, "when", read_when(owner, self.when))
        object.__setattr__(self, "role", read_role(owner, self.role, self.when, self._roles))
        object.__setattr__(self, "prior", read_weights(owner, self.prior, self._options))
        default = plain(self.default)
        if default is None and identity(None) not in self._index:
            default = UNSET
        if default is not UNSET:
            self.encode(default, f"default of {owner}")
        object.__setattr__(self, "default", default)


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Ordinal(_Choice):
    """One of several values that have an order.

    Parameters
    ----------
    values : at least two distinct hashable values, in order. ``1``, ``True`` and ``1.0`` are
        distinct.
    positions : where the values lie for the model: ascending numbers, one for each value, scaled
        to [0, 1]; evenly spaced when left out.
    default : a value to begin with; else the middle one.
    when : see :class:`Space`.
    role : "design", or "context" for a value that is given and never chosen.
    prior : how likely each value is the best: weights in their order, or a mapping from values to
        weights (1 where left out). Without a ``default``, the most likely is the one to begin
        with.
    """

    values: Iterable[Any]
    _: KW_ONLY
    positions: Iterable[float] | None = None
    default: Any = UNSET
    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Mapping[Any, float] | Iterable[float] | None = None

    def __post_init__(self) -> None:
        values = _distinct("Ordinal", "values", self.values)
        owner = f"Ordinal([{listed(values, 4)}])"
        object.__setattr__(self, "values", values)
        if self.positions is not None:
            places = _ascending(owner, self.positions, len(values))
            object.__setattr__(self, "positions", places)
        self._finish(owner)

    @property
    def _options(self) -> tuple[Any, ...]:
        return tuple(self.values)

    def _find(self, value: Any) -> int:
        # An ordered 0.0 may be called 0, unless that is listed too.
        if identity(value) not in self._index and isinstance(value, int | float):
            for index, option in enumerate(self.values):
                if not isinstance(value, bool) and option == value and _is_number(option):
                    return index
        return super()._find(value)

    def scale(self) -> Scale:
        if self.positions is not None:
            return Positions(np.array(tuple(self.positions), dtype=np.float64))
        top = array(len(self._options) - 1)
        return Grid(array(0), array(1), array(1), top, top)


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Categorical(_Choice):
    """One of several values without an order.

    Parameters
    ----------
    choices : at least two distinct hashable values. ``1``, ``True`` and ``1.0`` are distinct;
        None is a value like any other. To write the space as JSON they must be JSON values
        (tuples are written as lists and read back as tuples).
    default : a choice to begin with; else the first.
    when : see :class:`Space`.
    role : "design", or "context" for a value that is given and never chosen.
    prior : how likely each value is the best: weights in their order, or a mapping from values to
        weights (1 where left out). Without a ``default``, the most likely is the one to begin
        with.
    """

    choices: Iterable[Any]
    _: KW_ONLY
    default: Any = UNSET
    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Mapping[Any, float] | Iterable[float] | None = None

    def __post_init__(self) -> None:
        choices = _distinct("Categorical", "choices", self.choices)
        object.__setattr__(self, "choices", choices)
        self._finish(f"Categorical([{listed(choices, 4)}])")

    @property
    def _options(self) -> tuple[Any, ...]:
        return tuple(self.choices)

    def scale(self) -> Scale:
        return Labels(array(len(self._options)))


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Boolean(_Choice):
    """False or True.

    Parameters
    ----------
    default : the value to begin with; else False.
    when : see :class:`Space`.
    role : "design", or "context" for a value that is given and never chosen.
    prior : how likely each value is the best: weights in their order, or a mapping from values to
        weights (1 where left out). Without a ``default``, the most likely is the one to begin
        with.
    """

    _: KW_ONLY
    default: Any = UNSET
    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Mapping[Any, float] | Iterable[float] | None = None

    def __post_init__(self) -> None:
        self._finish("Boolean()")

    @property
    def _options(self) -> tuple[Any, ...]:
        return (False, True)

    def scale(self) -> Scale:
        return Labels(array(2))


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Constant(Parameter):
    """A fixed value that is handed to the objective with every point; the model does not see it.

    Parameters
    ----------
    value : any hashable value.
    when : see :class:`Space`.
    """

    value: Any
    _: KW_ONLY
    when: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _hashable("Constant", plain(self.value)))
        object.__setattr__(self, "when", read_when(f"Constant({shown(self.value)})", self.when))

    def scale(self) -> None:
        return None

    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        value = plain(value)
        try:
            same = identity(value) == identity(self.value)
        except TypeError:
            same = False
        if not same:
            raise ValueError(f"{name}: is the constant {shown(self.value)}; got {shown(value)}")
        return 0.0

    def decode(self, number: float) -> Any:
        return self.value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _distinct(owner: str, what: str, values: object) -> tuple[Any, ...]:
    given = several(f"{owner}: {what}", values, "a list of values")
    options = tuple(_hashable(owner, plain(value)) for value in given)
    if len(options) < 2:
        remedy = f"; use Constant({shown(options[0])}) for a single value" if options else ""
        raise ValueError(
            f"{owner}: expected at least two {what}; got {shown(list(options))}{remedy}"
        )
    seen = set()
    for option in options:
        if identity(option) in seen:
            raise ValueError(f"{owner}: {shown(option)} is listed twice in {what}; list it once")
        seen.add(identity(option))
    return options


def _hashable(owner: str, value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        raise ValueError(f"{owner}: nan equals nothing, not even itself; use None instead")
    try:
        identity(value)
    except TypeError:
        remedy = "a tuple instead of the list" if isinstance(value, list) else "names for them"
        raise TypeError(
            f"{owner}: values must be hashable; got {shown(value)} of type "
            f"{type(value).__name__}; "
            f"use {remedy}"
        ) from None
    return value


def _ascending(owner: str, positions: Iterable[float], count: int) -> tuple[float, ...]:
    given = several(f"{owner}: positions", positions, "a list of numbers")
    places = [real(f"{owner}: a position", place) for place in given]
    if len(places) != count:
        raise ValueError(f"{owner}: expected {count} positions; got {len(places)}")
    low, span = places[0], places[-1] - places[0]
    scaled = [(place - low) / span for place in places] if span > 0 else places
    if any(b <= a for a, b in pairwise(scaled)):
        raise ValueError(f"{owner}: positions must ascend; got {shown(places)}")
    return tuple(scaled)
