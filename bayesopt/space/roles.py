"""What a parameter is to the search: chosen, given, known of a candidate, a fidelity, a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from bayesopt.checks import listed, one_of

if TYPE_CHECKING:
    from .parameter import Parameter

ROLES = ("design", "context", "descriptor", "fidelity", "task")
OF_NUMBERS = ("design", "context", "descriptor", "fidelity")
OF_LISTED = ("design", "context", "descriptor")


def read_role(
    owner: str, role: object, when: Mapping[str, Any] | None, allowed: Collection[str]
) -> str:
    """Check a parameter's role.

    Raises
    ------
    TypeError, ValueError : for a role that such a parameter cannot have, and for a condition of
        one that is not chosen.
    """
    one_of(f"{owner}: role", role, allowed)
    if role != "design" and when:
        raise ValueError(
            f"{owner}: a {role} parameter is always active; leave out `when`, or make the "
            "parameters that depend on it conditional"
        )
    return next(known for known in ROLES if known == role)  # the one that is the default


def check_fidelity(owner: str, role: str, low: float) -> None:
    """ValueError for a fidelity that may be 0 or less, of which nothing costs a share."""
    if role == "fidelity" and low <= 0:
        raise ValueError(f"{owner}: a fidelity must be > 0, such as epochs or a share of the data")


def only_one(parameters: Mapping[str, Parameter], role: str) -> str | None:
    """The name of the parameter of a role, or None.

    Raises
    ------
    ValueError : when there are several.
    """
    names = [name for name, parameter in parameters.items() if parameter.role == role]
    if len(names) > 1:
        raise ValueError(f"a space has one {role} parameter at most; got {listed(names)}")
    return names[0] if names else None
