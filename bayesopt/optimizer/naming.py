"""Names of outcome constraints: declared, or fixed by the first result that has any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bayesopt.checks import listed, shown, suggestion
from bayesopt.optimizer.history import History


def read_names(given: object) -> tuple[str, ...] | None:
    """The argument ``outcome_constraints``: distinct names, or None.

    Raises
    ------
    TypeError, ValueError : for anything else.
    """
    if given is None:
        return None
    example = "a list of names, such as ['impurity']"
    if isinstance(given, Mapping):
        raise TypeError(
            f"outcome_constraints must be {example}; got {shown(given)}. Limits cannot be given "
            "yet: return the value minus its limit, which is feasible when <= 0"
        )
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"outcome_constraints must be {example}; got {shown(given)}")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"outcome_constraints must be {example}; got {shown(name)} among them")
    if "" in names or len(set(names)) < len(names):
        raise ValueError(f"outcome_constraints must be distinct names; got {shown(given)}")
    return names


def check_names(given: Iterable[str], history: History) -> None:
    """ValueError when a result has an outcome constraint that the run does not have."""
    known = history.constraint_names() if given else None
    if known is None:
        return
    for name in given:
        if name not in known:
            raise ValueError(
                f"the result has the outcome constraint {name!r}{suggestion(name, known)}; "
                f"{_source(history)}: {listed(known) or 'none'}. "
                "To have further ones continue the run with outcome_constraints=[...], all of them"
            )


def check_declared(declared: tuple[str, ...], known: Iterable[str]) -> None:
    """ValueError when names that the run has are missing from the ones declared for it now."""
    missing = [name for name in known if name not in declared]
    if missing:
        raise ValueError(
            f"the stored run has the outcome constraints {listed(missing)}, which are not among "
            f"outcome_constraints={list(declared)}; name them too, or leave it out"
        )


def _source(history: History) -> str:
    if history.declared is not None:
        return "the run was declared with"
    first = next(
        number for number in history.completed
        if (outcome := history.trials[number].outcome) is not None and outcome.constraints
    )  # fmt: skip
    return f"the first result with any, of trial {first}, fixed them (retract it if it is wrong)"
