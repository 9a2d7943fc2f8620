"""What arguments must be: one check of each kind, and one way to say what is wrong.

Each check takes the argument's name and what was given, and returns it as a plain Python value.
What is of the wrong kind is a TypeError, what is out of range a ValueError; the message names the
argument, what was expected and what was given. No object a user can pass makes a check raise
anything else, whatever its own methods raise.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

_LONG = 400  # characters of a given value that a message shows
LONGEST = 1e9  # seconds (32 years); what waits cannot be told to wait for much more
MOST_WHOLE = 2**53  # whole numbers up to here are exact in float64


def plain(value: Any) -> Any:
    """Turn a NumPy scalar into the Python value it stands for; leave anything else alone."""
    return value.item() if isinstance(value, np.generic) else value


def shown(value: object) -> str:
    """``value`` as a message shows it: its ``repr``, not too long, whatever that raises."""
    text = printed(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 60]} [...] {text[-40:]}"


def text_of(value: object) -> str:
    """``str(value)``, or its type's name where that raises."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be printed>"


def printed(value: object) -> str:
    """``repr(value)``, or its type's name where that raises."""
    try:
        return repr(value)
    except Exception:  # RecursionError of nested lists, ValueError of 10**5000
        return f"<{type(value).__name__}>"


def listed(values: Iterable[Any], limit: int = 12) -> str:
    """Write values for an error message, the first ``limit`` of them."""
    values = list(values)
    more = f", … ({len(values)} in all)" if len(values) > limit else ""
    return ", ".join(shown(value) for value in values[:limit]) + more


def suggestion(word: object, known: Iterable[object]) -> str:
    """Say which known name was probably meant; empty when nothing is near."""
    if not isinstance(word, str) or len(word) > _LONG:
        return ""
    near = difflib.get_close_matches(word, [str(name) for name in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def whole(
    name: str, value: object, least: int | None = None, most: int | None = None, *, also: str = ""
) -> int:
    """A whole number from ``least`` to ``most``; NumPy's too, but no bool and no 3.0."""
    number = plain(value)
    kind: type[TypeError | ValueError] = TypeError
    if not isinstance(number, bool) and isinstance(number, Integral):
        kind = ValueError
        try:
            number = int(number)
            if (least is None or number >= least) and (most is None or number <= most):
                return number
        except Exception:
            kind = TypeError
    raise refusal(kind, name, f"a whole number{_range(least, most)}{also}", value)


def real(
    name: str,
    value: object,
    least: float | None = None,
    most: float | None = None,
    *,
    above: float | None = None,
    unit: str = "",
    also: str = "",
) -> float:
    """A finite number from ``least`` to ``most``, or above ``above``, as a float; no bool."""
    given = plain(value)
    kind: type[TypeError | ValueError] = TypeError
    if type(given) is float or (not isinstance(given, bool) and isinstance(given, Real)):
        kind = ValueError
        try:
            number = as_float(given)
            if (
                math.isfinite(number)
                and (least is None or number >= least)
                and (most is None or number <= most)
                and (above is None or number > above)
            ):
                return number
        except TypeError:
            kind = TypeError
    bounds = _range(least, most) if above is None else _above(above, most)
    raise refusal(kind, name, f"a finite number{unit}{bounds}{also}", value)


def as_float(value: Any) -> float:
    """``float(value)``, infinite where it is too large; TypeError where it is not to be had."""
    try:
        return float(value)
    except OverflowError:
        return -math.inf if value < 0 else math.inf
    except Exception as error:
        raise TypeError(f"{shown(value)} is no number") from error


@contextmanager
def not_too_deep(what: str) -> Iterator[None]:
    """A ValueError about ``what`` in place of the RecursionError of nested lists."""
    try:
        yield
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply, or within itself") from None


def same_kind(error: TypeError | ValueError) -> type[TypeError | ValueError]:
    """The class to raise ``error`` anew with another message; its own may take other arguments."""
    return TypeError if isinstance(error, TypeError) else ValueError


def refusal(
    kind: type[TypeError | ValueError], name: str, wanted: str, value: object
) -> TypeError | ValueError:
    """The error of an argument; the type of what was given is told when it is the fault."""
    of_type = f" of type {type(value).__name__}" if kind is TypeError else ""
    return kind(f"{name} must be {wanted}; got {shown(value)}{of_type}")


def seconds(name: str, value: object, *, also: str = "") -> float:
    """A time span in seconds, above 0 and at most 1e9."""
    return real(name, value, above=0.0, most=LONGEST, unit=" of seconds", also=also)


def truth(name: str, value: object, *, also: str = "") -> bool:
    """True or False, NumPy's too, and nothing that is merely true."""
    flag = plain(value)
    if not isinstance(flag, bool):
        raise refusal(TypeError, name, f"True or False{also}", value)
    return flag


def one_of(name: str, value: object, known: Iterable[str], *, also: str = "") -> str:
    """One of some words; for another the nearest is suggested."""
    words = list(known)
    if isinstance(value, str) and value in words:
        return value
    kind = ValueError if isinstance(value, str) else TypeError
    error = refusal(kind, name, f"one of {listed(words)}{also}", value)
    raise kind(f"{error}{suggestion(value, words)}")


def instance(name: str, value: object, kind: type[T], *, example: str = "", also: str = "") -> T:
    """An instance of a class; for the class itself the message says how to make one."""
    if isinstance(value, kind):
        return value
    hint = f"; for example {example}" if example else ""
    if isinstance(value, type) and issubclass(value, kind):
        hint = f"; write {value.__name__}(), an instance"
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    raise TypeError(f"{name} must be {article} {kind.__name__}{also}; got {shown(value)}{hint}")


def function(name: str, value: object, what: str, *, also: str = "") -> Callable[..., Any]:
    """Something that can be called; ``what`` says of what."""
    if not callable(value):
        raise TypeError(f"{name} must be {what}{also}; got {shown(value)}")
    return value


def mapping(name: str, value: object, what: str, *, also: str = "") -> Mapping[Any, Any]:
    """A mapping; ``what`` says from what to what."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be {what}{also}; got {shown(value)}")
    return value


def several(name: str, value: object, what: str) -> list[Any]:
    """The items of a list or another iterable; no text, no mapping, nothing that raises."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be {what}; got {shown(value)}")
    try:
        return list(value)
    except Exception as error:
        raise TypeError(f"{name} must be {what}; its items could not be read") from error


def distinct_names(name: str, value: object, what: str) -> list[str]:
    """A list of distinct names, at least one; of a mapping, its keys."""
    names = several(name, list(value) if isinstance(value, Mapping) else value, what)
    if not names or not all(isinstance(item, str) for item in names):
        raise TypeError(f"{name} must be {what}; got {shown(value)}")
    for i, item in enumerate(names):
        if item in names[:i]:
            raise ValueError(f"{name}: {shown(item)} is listed twice; list it once")
    return names


def array(name: str, value: object, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """Numbers as an array of floats; None in ``shape`` stands for any length."""
    try:
        given = np.asarray(value, dtype=np.float64)
    except Exception:
        raise TypeError(f"{name} must be numbers; got {shown(value)}") from None
    if given.shape == shape or (given.ndim == 2 and (None, given.shape[1]) == shape):
        return given  # the quick way of what comes thousands of times
    if len(given.shape) != len(shape) or any(
        wanted not in (None, n) for wanted, n in zip(shape, given.shape, strict=True)
    ):
        wanted = ", ".join("n" if n is None else str(n) for n in shape)
        comma = "," if len(shape) == 1 else ""
        raise ValueError(f"{name} must have shape ({wanted}{comma}); got {given.shape}")
    return given


def points(value: object) -> list[Any]:
    """One point or several, as a list of points."""
    if isinstance(value, Mapping):
        return [value]
    return several("points", value, "a point or a list of points, mappings from names to values")


def optional(
    check: Callable[..., T], name: str, value: object, *bounds: Any, **more: Any
) -> T | None:
    """None, or what ``check`` lets through."""
    return None if value is None else check(name, value, *bounds, also=" or None", **more)


def _above(above: float, most: float | None) -> str:
    return f" > {above:g}" + ("" if most is None else f" and at most {most:g}")


def _range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {_number(least)} to {_number(most)}"
    if least is not None:
        return f" >= {_number(least)}"
    return "" if most is None else f" <= {_number(most)}"


def _number(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
