"""The outputs of a result: each value where its role puts it, by the names that the run has."""

from __future__ import annotations

from bayesopt.checks import listed, suggestion
from bayesopt.optimizer.history import History
from bayesopt.outcome import Outcome
from bayesopt.returned import by_role


def checked(outcome: Outcome, history: History, in_place_of: int | None = None) -> Outcome:
    """An outcome, each value where its role puts it.

    Parameters
    ----------
    in_place_of : the number of a trial whose result it replaces, and which fixes no names then.

    Raises
    ------
    TypeError, ValueError : when it has an output of a name that the run does not have.
    """
    known = history.constraint_names(apart_from=in_place_of)
    outcome = by_role(outcome, known, history.declared.records or ())
    for name in outcome.constraints:
        if known is not None and name not in known:
            raise ValueError(
                f"the result has the outcome constraint {name!r}{suggestion(name, known)}; "
                f"{_source(history)}: {listed(known) or 'none'}. "
                "To have further ones continue the run with outcome_constraints=, all of them"
            )
    return outcome


def _source(history: History) -> str:
    if history.declared.outcome_constraints is not None:
        return "the run was declared with"
    first = next(
        number for number in history.completed
        if (outcome := history.trials[number].outcome) is not None and outcome.constraints
    )  # fmt: skip
    return f"the first result with any, of trial {first}, fixed them (retract it if it is wrong)"
