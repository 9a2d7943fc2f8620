"""What a parameter is to the search: chosen, given, or known of each candidate of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.checks import one_of

ROLES = ("design", "context", "descriptor")


def read_role(owner: str, role: object, when: Mapping[str, Any] | None) -> str:
    """Check a parameter's role.

    Raises
    ------
    TypeError, ValueError : for an unknown role, and for a context parameter with a condition.
    """
    one_of(f"{owner}: role", role, ROLES)
    if role != "design" and when:
        raise ValueError(
            f"{owner}: a {role} parameter is always active; leave out `when`, or make the "
            "parameters that depend on it conditional"
        )
    return next(known for known in ROLES if known == role)  # the one that is the default
