"""When two values are the same choice, and which name was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Turn a NumPy scalar into the Python value it stands for; leave anything else alone."""
    return value.item() if isinstance(value, np.generic) else value


def identity(value: Any) -> Hashable:
    """Key under which ``1``, ``True`` and ``1.0`` are three different values.

    Raises
    ------
    TypeError : for a value that cannot be hashed.
    """
    if isinstance(value, tuple):
        return (type(value), tuple(identity(item) for item in value))
    hash(value)
    return (type(value), value)


def listed(values: Iterable[Any], limit: int = 12) -> str:
    """Write values for an error message, the first ``limit`` of them."""
    shown = [repr(value) for value in values]
    more = f", … ({len(shown)} in all)" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more


def suggestion(word: object, known: Iterable[object]) -> str:
    """Say which known name was probably meant; empty when nothing is near."""
    near = difflib.get_close_matches(str(word), [str(name) for name in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
