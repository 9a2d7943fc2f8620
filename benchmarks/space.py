"""A neutral description of a search space: what every problem states and every rival translates.

It needs the standard library only, because the rivals' adapters run in environments of their own.
The JSON form is a mapping from name to a table such as
``{"type": "float", "low": 1e-5, "high": 0.1, "log": true, "when": {"booster": "tree"}}``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = ("float", "int", "ordinal", "categorical")
_KEYS = ("type", "low", "high", "log", "choices", "when")


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    kind : one of ``KINDS``.
    low, high : bounds of a float or int, both included.
    log : whether it is searched on a logarithmic scale.
    choices : values of an ordinal (in order) or categorical; JSON values.
    when : conditions by name of parent, each a list of values; all must hold.
    """

    name: str
    kind: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"parameter {self.name!r}: type must be one of {KINDS}; got {self.kind!r}"
            )
        if self.kind in ("float", "int"):
            number = int if self.kind == "int" else float  # plain numbers, never NumPy's
            object.__setattr__(self, "low", number(self.low))
            object.__setattr__(self, "high", number(self.high))
            if not self.low < self.high:
                raise ValueError(
                    f"parameter {self.name!r}: low must be below high; got {self.low}, {self.high}"
                )
            if self.log and self.low <= 0:
                raise ValueError(
                    f"parameter {self.name!r}: a log scale needs low > 0; got {self.low}"
                )
        elif len(self.choices) < 2:
            raise ValueError(
                f"parameter {self.name!r}: choices needs two values or more; got {self.choices!r}"
            )

    @property
    def n_levels(self) -> float:
        """Number of values; inf for a float."""
        if self.kind == "float":
            return math.inf
        return len(self.choices) if self.choices else int(self.high) - int(self.low) + 1

    def index(self, value: Any) -> int:
        """Position of ``value`` among the choices; the type counts (1 is not True)."""
        for i, choice in enumerate(self.choices):
            if type(choice) is type(value) and choice == value:
                return i
        raise ValueError(f"parameter {self.name!r}: {value!r} is none of {self.choices!r}")

    def from_unit(self, u: float) -> Any:
        """The value at ``u`` in [0, 1]; discrete ones have cells of equal width."""
        u = min(max(u, 0.0), 1.0)
        if self.choices:
            return self.choices[min(int(u * len(self.choices)), len(self.choices) - 1)]
        # integers: half a step beyond both ends, so that the ends get whole cells
        low, high = (
            (self.low - 0.5, self.high + 0.5) if self.kind == "int" else (self.low, self.high)
        )
        if self.log:
            value = math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
        else:
            value = low + u * (high - low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.kind == "int" else value

    def fault(self, value: Any) -> str | None:
        """Why ``value`` is not one of this parameter's values, or None."""
        if self.choices:
            same = any(type(c) is type(value) and c == value for c in self.choices)
            return None if same else f"{self.name}={value!r} is none of {self.choices!r}"
        wanted = int if self.kind == "int" else float
        if type(value) is not wanted:
            return f"{self.name}={value!r} should be {wanted.__name__}, is {type(value).__name__}"
        if not self.low <= value <= self.high:
            return f"{self.name}={value!r} is outside [{self.low}, {self.high}]"
        return None


@dataclass(frozen=True)
class Space:
    """Parameters in order; parents stand before their children."""

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        seen: dict[str, Parameter] = {}
        for p in self.parameters:
            if p.name in seen:
                raise ValueError(f"parameter {p.name!r} is named twice")
            for parent, values in p.when.items():
                if parent not in seen:
                    raise ValueError(
                        f"parameter {p.name!r}: its parent {parent!r} must be listed before it"
                    )
                if seen[parent].choices:
                    for value in values:
                        seen[parent].index(value)
            seen[p.name] = p

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)

    @property
    def conditional(self) -> bool:
        return any(p.when for p in self.parameters)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(p.kind for p in self.parameters)

    def is_active(self, parameter: Parameter, params: Mapping[str, Any]) -> bool:
        """Whether it is active given its (already stripped) parents in ``params``."""
        for parent, values in parameter.when.items():
            if parent not in params:
                return False
            value = params[parent]
            if not any(type(v) is type(value) and v == value for v in values):
                return False
        return True

    def strip(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """``params`` without those that are inactive, in the space's order."""
        kept: dict[str, Any] = {}
        for p in self.parameters:
            if self.is_active(p, kept):
                kept[p.name] = params[p.name]
        return kept

    def from_unit(self, point: Sequence[float]) -> dict[str, Any]:
        """The point at ``point`` in the unit cube, one coordinate a parameter."""
        return self.strip(
            {p.name: p.from_unit(u) for p, u in zip(self.parameters, point, strict=True)}
        )

    def fault(self, params: Mapping[str, Any]) -> str | None:
        """What is wrong with a proposed point, or None."""
        expected = []
        for p in self.parameters:
            if self.is_active(p, params):
                expected.append(p.name)
                if p.name not in params:
                    return f"{p.name} is missing"
                fault = p.fault(params[p.name])
                if fault:
                    return fault
        extra = set(params) - set(expected)
        return f"inactive or unknown parameters {sorted(extra)}" if extra else None

    def key(self, params: Mapping[str, Any]) -> tuple[Any, ...]:
        """Identity of a point: equal for two points that an objective cannot tell apart."""
        return tuple((n, type(params[n]).__name__, params[n]) for n in self.names if n in params)

    def to_json(self) -> dict[str, dict[str, Any]]:
        out: dict[str, dict[str, Any]] = {}
        for p in self.parameters:
            table: dict[str, Any] = {"type": p.kind}
            if p.choices:
                table["choices"] = list(p.choices)
            else:
                table |= {"low": p.low, "high": p.high, "log": p.log}
            if p.when:
                table["when"] = {k: list(v) for k, v in p.when.items()}
            out[p.name] = table
        return out

    @staticmethod
    def from_json(tables: Mapping[str, Mapping[str, Any]]) -> Space:
        return Space(tuple(_parameter(name, table) for name, table in tables.items()))


def _parameter(name: str, table: Mapping[str, Any]) -> Parameter:
    unknown = set(table) - set(_KEYS)
    if unknown:
        raise ValueError(
            f"parameter {name!r}: unknown keys {sorted(unknown)}; expected some of {_KEYS}"
        )
    kind = str(table.get("type"))
    when = {
        k: tuple(v) if isinstance(v, list) else (v,)
        for k, v in dict(table.get("when") or {}).items()
    }
    number = int if kind == "int" else float
    return Parameter(
        name,
        kind,
        low=number(table.get("low", 0)),
        high=number(table.get("high", 1)),
        log=bool(table.get("log", False)),
        choices=tuple(table.get("choices", ())),
        when=when,
    )


def floats(dimension: int, low: float, high: float, *, prefix: str = "x") -> Space:
    """``dimension`` floats with the same bounds."""
    return Space(tuple(Parameter(f"{prefix}{i}", "float", low, high) for i in range(dimension)))
