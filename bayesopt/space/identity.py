"""When two values are the same choice."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from bayesopt.checks import shown


def identity(value: Any) -> Hashable:
    """Key under which ``1``, ``True`` and ``1.0`` are three different values.

    Raises
    ------
    TypeError : for a value that cannot be hashed.
    """
    if isinstance(value, tuple):
        return (type(value), tuple(identity(item) for item in value))
    try:
        hash(value)
    except TypeError:
        raise
    except Exception as error:
        raise TypeError(f"{shown(value)} cannot be hashed") from error
    return (type(value), value)
