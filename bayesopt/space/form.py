"""Spaces written down: JSON, which is canonical, and TOML, which people write."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .constraints import Constraint, LinearConstraint
from .parameter import Parameter
from .scales import Floats


def read_json(
    data: Mapping[str, Any],
) -> tuple[dict[str, Parameter], list[LinearConstraint], Floats | None]:
    raise NotImplementedError


def read_toml(
    source: str | os.PathLike[str] | Mapping[str, Any], other: tuple[str, ...]
) -> tuple[dict[str, Parameter], list[LinearConstraint]]:
    raise NotImplementedError


def write_json(
    parameters: Mapping[str, Parameter],
    constraints: Sequence[Constraint],
    table: list[list[float]] | None,
) -> dict[str, Any]:
    raise NotImplementedError
